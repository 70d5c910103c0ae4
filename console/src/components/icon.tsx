const paths = {
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm4.8 11.3L20 20",
  documents: "M7 3h7l4 4v14H7V3Zm7 0v4h4M10 12h5M10 16h5",
  add: "M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 15v4h14v-4",
  map: "M6 7h.01M10 15h.01M16 9h.01M18 17h.01M12 5h.01M6 18h.01M13 12h.01",
  live: "M3 12h4l3-7 4 14 3-7h4",
  events: "M5 6h14M5 12h14M5 18h9",
  room: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 8c0-3 2.7-5 6-5s6 2 6 5m1-8a3 3 0 0 0 0-6m5 14c0-2.6-1.8-4.4-4-4.9",
  health: "M4 19V9m5 10V5m5 14v-7m5 7V8",
  plus: "M12 5v14M5 12h14",
  trash: "M5 7h14M10 7V4h4v3m3 0-1 13H8L7 7",
  pencil: "M4 20l1-5L16 4l4 4L9 19l-5 1Z",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16Zm0 4v4l3 2",
  copy: "M9 9h10v11H9V9ZM5 15V4h10",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6 6 18",
  pause: "M9 6v12M15 6v12",
  play: "M8 5l11 7-11 7V5Z",
} as const;

export type IconName = keyof typeof paths;

/** A decorative icon beside a label; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
