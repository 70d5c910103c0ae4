import type { MapPoint } from "./map-points.ts";

/** Colours that can be distinguished on light and dark backgrounds, also with most colour-vision deficiencies. */
const palette = ["#0f9d8f", "#e07b39", "#6c7ae0", "#d1495b", "#b8a11a", "#3f9fd8", "#a05cc4", "#6a994e"] as const;
/** For points without the field. */
const without = "(without)";
const otherColour = "#8b919c";
/** Maximum of distinct values of a field that can be used as a colour. */
const mostValues = 400;

export interface LegendEntry {
  readonly value: string;
  readonly colour: string;
  readonly count: number;
}

export interface Legend {
  readonly entries: readonly LegendEntry[];
  readonly colourOf: (point: MapPoint) => string;
  /** By their values. */
  readonly colours: ReadonlyMap<string, string>;
}

/** Fields whose values all get a colour come first, those with a single value last. */
const usefulness = ({ size }: ReadonlySet<string>) => (size > 1 && size <= palette.length ? 0 : size === 1 ? 2 : 1);

/** The fields by which points can be coloured, those with few values first. */
export function fieldsOf(points: Iterable<MapPoint>): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const { fields } of points) {
    for (const [field, value] of fields) {
      const known = values.get(field) ?? new Set();
      values.set(field, known);
      if (known.size < mostValues) known.add(value);
    }
  }
  return [...values].toSorted(([, a], [, b]) => usefulness(a) - usefulness(b)).map(([field]) => field);
}

/** Values keep their colours; new ones get the remaining colours. */
function coloursOf(values: readonly string[], before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const kept = new Map(values.map((value) => [value, before.get(value)] as const));
  const taken = new Set(kept.values());
  const left = palette.filter((colour) => !taken.has(colour)).values();
  const colours = new Map<string, string>();
  for (const [value, colour] of kept) colours.set(value, colour ?? left.next().value ?? otherColour);
  return colours;
}

/**
 * A colour for each of the most frequent values of the field; the others share one.
 *
 * @param before values that keep their colours when others are added
 */
export function legendOf(points: Iterable<MapPoint>, field: string, before?: Legend): Legend {
  const counts = new Map<string, number>();
  for (const { fields } of points) {
    const value = fields.get(field) ?? without;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const frequent = [...counts].toSorted(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
  const shown = frequent.slice(0, palette.length).toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const colours = coloursOf(
    shown.map(([value]) => value),
    before?.colours ?? new Map(),
  );
  const entries = shown.map(([value, count]) => ({ value, count, colour: colours.get(value) ?? otherColour }));
  const rest = frequent.slice(palette.length).reduce((sum, [, count]) => sum + count, 0);
  return {
    entries: rest === 0 ? entries : [...entries, { value: "others", count: rest, colour: otherColour }],
    colourOf: ({ fields }) => colours.get(fields.get(field) ?? without) ?? otherColour,
    colours,
  };
}
