import { pointsOf } from "./line-chart.tsx";

const size = { width: 72, height: 18, slots: 30 };

/** The history of a rate as a small line beside its number. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const shown = values.slice(-size.slots);
  const top = Math.max(1, ...shown);
  return (
    <svg class="sparkline" viewBox={`0 -1 ${size.width} ${size.height + 2}`} aria-hidden="true" focusable="false">
      <polyline points={pointsOf(shown, top, size)} />
    </svg>
  );
}
