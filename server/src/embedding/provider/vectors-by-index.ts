import { ArrwError } from "@arrwdb/protocol/errors/errors";

interface Indexed {
  /** The index of its text, counted from 0; not validated yet. */
  readonly index?: unknown;
}

/**
 * The items of a response in the order of the request. Items with an index are paired by it, in whatever order they
 * came; if none has one, their order counts.
 *
 * @throws ArrwError `embedder_failed` unless there is exactly one item for each of `count` texts
 */
export function byIndex<Item extends Indexed>(items: readonly Item[], count: number, provider: string): Item[] {
  const fail = (fault: string) => new ArrwError("embedder_failed", `${provider} returned ${fault} for ${count} texts`);
  if (items.length !== count) throw fail(`${items.length} vectors`);
  if (items.every(({ index }) => index === undefined || index === null)) return [...items];
  const places = new Map<number, Item>();
  for (const item of items) {
    const { index } = item;
    if (index === undefined || index === null) throw fail("some vectors without an index");
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count) {
      throw fail(`a vector with the index ${JSON.stringify(index)}`);
    }
    if (places.has(index)) throw fail(`two vectors with the index ${index}`);
    places.set(index, item);
  }
  // As many as requested, and no index twice: so each text has one.
  return [...places].toSorted(([one], [other]) => one - other).map(([, item]) => item);
}

/**
 * The vectors of a response that repeats the texts, in the order of the request. Providers may truncate or normalise
 * the texts; if they do not match, the order of the response counts.
 *
 * @throws ArrwError `embedder_failed` if the numbers of texts and vectors differ
 */
export function byText<Vector>(
  asked: readonly string[],
  repeated: readonly string[],
  vectors: readonly Vector[],
  provider: string,
): Vector[] {
  if (repeated.length !== vectors.length) {
    const message = `${provider} returned ${vectors.length} vectors but echoed ${repeated.length} texts`;
    throw new ArrwError("embedder_failed", message);
  }
  const places = new Map<string, number[]>();
  for (const [place, text] of repeated.entries()) places.set(text, [...(places.get(text) ?? []), place]);
  const found = asked.flatMap((text) => {
    const place = places.get(text)?.shift();
    const vector = place === undefined ? undefined : vectors[place];
    return vector === undefined ? [] : [vector];
  });
  return found.length === asked.length && vectors.length === asked.length ? found : [...vectors];
}
