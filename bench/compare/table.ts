/** A cell that could not be measured. */
const unknown = "–";

/** Columns as wide as their widest cell: the first to the left, numbers to the right. */
export function alignTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      widths
        .map((width, column) => (column === 0 ? (line[0] ?? "").padEnd(width) : (line[column] ?? "").padStart(width)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

type Figure = number | null | undefined;

const formatted = (format: (number: number) => string) => (figure: Figure) =>
  figure === null || figure === undefined || !Number.isFinite(figure) ? unknown : format(figure);

/** Three digits at least, and thousands set apart. */
export const number = formatted((figure) =>
  Math.abs(figure) >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2),
);
export const milliseconds = formatted((figure) =>
  figure >= 1000 ? `${number(figure / 1000)} s` : `${number(figure)} ms`,
);
export const megabytes = formatted((figure) => `${number(figure / 1_048_576)} MB`);
export const recall = formatted((figure) => figure.toFixed(3));
