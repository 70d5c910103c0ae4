import { stripVTControlCharacters } from "node:util";
import { style } from "./terminal-output.ts";

const widthOf = (cell: string) => stripVTControlCharacters(cell).length;

/** Rows under their headings, in columns as wide as they need. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? "")), heading.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd();
  return [style("bold", line(headings)), ...rows.map(line)].join("\n");
}
