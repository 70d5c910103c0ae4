import { randomUnitVector } from "./vectors.ts";

type Vector = Float32Array<ArrayBuffer>;

/** Data that graphs find hard: the vectors of a library, and what is asked of it. */
export interface HardData {
  readonly vectors: readonly Vector[];
  readonly queries: readonly Vector[];
}

const many = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make);

function unit(numbers: Vector): Vector {
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}

/** A vector at about this distance from another one, in any direction. */
function beside(centre: Vector, distance: number, random: () => number): Vector {
  const direction = randomUnitVector(centre.length, random);
  return unit(centre.map((number, index) => number + distance * (direction[index] ?? 0)));
}

/** By name; each is made from the numbers of `random`. */
export const hardData: Readonly<Record<string, (random: () => number, dimension: number) => HardData>> = {
  "one text among copies of another": (random, dimension) => {
    const copied = randomUnitVector(dimension, random);
    const own = randomUnitVector(dimension, random);
    return { vectors: [...many(5_000, () => copied), own], queries: [own, copied, beside(own, 0.3, random)] };
  },
  "few texts among copies of one": (random, dimension) => {
    const copied = randomUnitVector(dimension, random);
    const others = many(200, () => randomUnitVector(dimension, random));
    return { vectors: [...many(6_000, () => copied), ...others], queries: others.slice(0, 30) };
  },
  "as many texts as copies": (random, dimension) => {
    const copied = randomUnitVector(dimension, random);
    const others = many(3_000, () => randomUnitVector(dimension, random));
    const vectors = others.flatMap((other) => [copied, other]);
    return { vectors, queries: [...others.slice(0, 15), ...many(15, () => beside(copied, 0.5, random))] };
  },
  "texts that are nearly the same, and others": (random, dimension) => {
    const copied = randomUnitVector(dimension, random);
    const others = many(200, () => randomUnitVector(dimension, random));
    const near = many(5_000, () => beside(copied, 0.01, random));
    return { vectors: [...near, ...others], queries: [...others.slice(0, 20), ...near.slice(0, 10)] };
  },
  "tight clusters with outliers": (random, dimension) => {
    const centres = many(12, () => randomUnitVector(dimension, random));
    const clustered = centres.flatMap((centre) => many(450, () => beside(centre, 0.05, random)));
    const outliers = many(100, () => randomUnitVector(dimension, random));
    return { vectors: [...clustered, ...outliers], queries: [...outliers.slice(0, 15), ...clustered.slice(-15)] };
  },
  "numbers at random": (random, dimension) => ({
    vectors: many(6_000, () => randomUnitVector(dimension, random)),
    queries: many(30, () => randomUnitVector(dimension, random)),
  }),
};
