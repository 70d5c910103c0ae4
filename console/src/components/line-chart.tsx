export interface ChartLine {
  readonly name: string;
  readonly values: readonly number[];
}

interface LineChartProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  /** How long the whole width is, in words. */
  readonly span: string;
  /** Said while there is nothing to draw. */
  readonly note?: string | undefined;
}

const width = 320;
const height = 96;

/** Points of an SVG polyline; the newest value is at the right edge. */
export function pointsOf(
  values: readonly number[],
  top: number,
  size: { width: number; height: number; slots: number },
): string {
  const step = size.width / Math.max(1, size.slots - 1);
  return values
    .map((value, index) => {
      const x = size.width - (values.length - 1 - index) * step;
      return `${x.toFixed(1)},${(size.height - (value / top) * size.height).toFixed(1)}`;
    })
    .join(" ");
}

const slots = 60;

/** A time series: its newest value large, its line below, and both as text for screen readers. */
export function LineChart({ title, lines, format, span, note }: LineChartProps) {
  const values = lines.flatMap((line) => line.values);
  const most = values.length === 0 ? 0 : Math.max(...values);
  const top = most === 0 ? 1 : most * 1.1;
  const newest = lines.map(({ name, values: own }) => ({ name, value: own.at(-1) }));
  const words = newest
    .map(({ name, value }) => `${name} ${value === undefined ? "unknown" : format(value)}`)
    .join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <dl>
          {newest.map(({ name, value }, index) => (
            <div class={`line-${index}`} key={name}>
              <dt>{name}</dt>
              <dd>{value === undefined ? "–" : format(value)}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, ${span}: now ${words}; at most ${format(most)}`}
      >
        <path class="grid" d={`M0 ${height - 0.5}H${width}M0 ${height / 2}H${width}`} />
        {lines.map(({ name, values: own }, index) => (
          <polyline
            class={`line-${index}`}
            key={name}
            points={pointsOf(own.slice(-slots), top, { width, height, slots })}
          />
        ))}
      </svg>
      <p class="scale">
        {values.length === 0 && note !== undefined ? (
          <span>{note}</span>
        ) : (
          <>
            <span>{span}</span>
            <span>max {format(most)}</span>
          </>
        )}
      </p>
    </figure>
  );
}
