/** Maximum number of queries per kind, absolute and as a fraction of the index's size. */
const queriesOfKind = 48;
const queriesPart = 0.25;
/** Queries generated per slice. */
const atOnce = 4;
/** Length of the noise added to a unit vector. */
const noise = 0.8;

/** Queries of one kind, in full precision. */
export type Queries = readonly Float32Array<ArrayBuffer>[];

/**
 * Generates the queries that an index is measured with: vectors of the index, the same with noise, and means of two of
 * them, which lie between stored vectors as real queries do. The other kinds are passed in: vectors held out of the index,
 * and real queries.
 *
 * Yields between slices.
 *
 * @param any returns the code of a random vector of the index
 * @param size number of vectors in the index
 */
export function* measureQueries(
  any: () => ArrayLike<number>,
  size: number,
  others: readonly Queries[],
  random: () => number,
): Generator<undefined, readonly Queries[]> {
  const most = Math.min(queriesOfKind, Math.ceil(size * queriesPart));
  const one = () => unit(any());
  const kinds: Float32Array<ArrayBuffer>[][] = [];
  for (const make of [one, () => noisy(one(), random), () => mixed(one(), one())]) {
    const kind: Float32Array<ArrayBuffer>[] = [];
    for (let count = 0; count < most; count++) {
      kind.push(make());
      if (count % atOnce === atOnce - 1) yield;
    }
    kinds.push(kind);
  }
  return [...kinds, ...others.map((queries) => queries.slice(-queriesOfKind)).filter(({ length }) => length > 0)];
}

export function unit(numbers: ArrayLike<number>): Float32Array<ArrayBuffer> {
  let square = 0;
  for (let index = 0; index < numbers.length; index++) square += (numbers[index] ?? 0) ** 2;
  const scale = 1 / Math.max(Math.sqrt(square), 1e-9);
  return Float32Array.from(numbers, (number) => number * scale);
}

const mixed = (a: Float32Array, b: Float32Array) => unit(a.map((number, index) => number + (b[index] ?? 0)));

function noisy(vector: Float32Array, random: () => number): Float32Array<ArrayBuffer> {
  const direction = unit(vector.map(() => gaussian(random)));
  return unit(vector.map((number, index) => number + noise * (direction[index] ?? 0)));
}

/** Normally distributed numbers (Box and Muller 1958). */
const gaussian = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
