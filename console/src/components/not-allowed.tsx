interface NotAllowedProps {
  readonly reason: string | undefined;
  readonly id?: string;
  /** Whether it is for screen readers only, as it is visible elsewhere on the page. */
  readonly unseen?: boolean;
}

/** What the key does not allow, shown next to the control. */
export function NotAllowed({ reason, id, unseen = false }: NotAllowedProps) {
  if (reason === undefined) return null;
  return (
    <p class={unseen ? "unseen" : "not-allowed"} id={id}>
      {reason}
    </p>
  );
}
