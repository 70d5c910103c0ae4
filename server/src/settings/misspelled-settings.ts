import { settings } from "./settings-table.ts";

/** Letters by which a name may differ from a setting's to be taken for it. Orchestrators add names of their own. */
const mostDifferences = 2;

/** Environment variables that resemble a setting but are none, with the setting probably meant. */
export function misspelledSettings(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const names = settings.map(({ name }) => name);
  return Object.keys(environment).flatMap((given) => {
    if (!given.startsWith("ARRWDB_") || names.includes(given)) return [];
    const meant = names.find((name) => differences(given, name) <= mostDifferences);
    return meant === undefined ? [] : [`${given} is not a setting and is ignored; did you mean ${meant}?`];
  });
}

/** The Levenshtein distance. */
function differences(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, above] of row.slice(1).entries()) {
      const replaced = (row[column] ?? 0) + (other[column] === letter ? 0 : 1);
      next.push(Math.min(above + 1, (next[column] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
