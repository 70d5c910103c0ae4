import { seededRandom } from "../../test/support/data/vectors.ts";

/** Fields of a chunk, and how many values each may have: a filter for one value keeps one in so many chunks. */
export const filterFields = { tenth: 10, fiftieth: 50, thousandth: 1_000 } as const;
export type FilterField = keyof typeof filterFields;
export const filterFieldNames = ["tenth", "fiftieth", "thousandth"] as const satisfies readonly FilterField[];

export type FilterValues = Readonly<Record<FilterField, number>>;

/** Chunks to store: row by row their unit vectors, and what can be filtered by. A chunk is known by its row. */
export interface Dataset {
  readonly count: number;
  readonly dimension: number;
  /** The numbers of all rows, one row behind the other. */
  readonly vectors: Float32Array<ArrayBuffer>;
  readonly vector: (row: number) => Float32Array<ArrayBuffer>;
  readonly fields: (row: number) => FilterValues;
}

/** The text that every engine stores with a chunk and gives back with a hit. */
export const textOf = (row: number): string => `Chunk ${row}`;

/** Directions that topics are, and that chunks of one topic differ in. */
const factors = 32;
const clusters = 200;
/** How far chunks are from the centre of their topic, where the centres are 1 from the middle. */
const spread = 0.6;
/** The share of a number that is no topic's. */
const noise = 0.12;
const noiseTableSize = 1 << 18;

/** A row of queries is no row of chunks, however many of these there are. */
const firstQueryRow = 0x4000_0000;

/** Each row from numbers of its own, so that it is the same however many there are and in whatever order. */
const seedOf = (seed: number, row: number) => (Math.imul(row + 1, 0x9e3779b1) ^ seed) | 0;

/** Normally distributed numbers (Box and Muller 1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Vectors like those of texts rather than uniform noise: topics (clusters) that share few latent factors, as in factor
 * analysis, and some noise in every number. The same seed and row give the same vector.
 */
export class VectorSource {
  readonly dimension: number;
  readonly #seed: number;
  readonly #loadings: Float32Array;
  readonly #centres: Float32Array;
  readonly #noise: Float32Array;

  constructor(dimension: number, seed: number) {
    this.dimension = dimension;
    this.#seed = seed;
    const random = seededRandom(seed);
    const normal = () => gaussian(random);
    this.#loadings = Float32Array.from({ length: factors * dimension }, normal);
    this.#centres = Float32Array.from({ length: clusters * factors }, normal);
    const scale = noise * Math.sqrt(factors * (1 + spread ** 2));
    this.#noise = Float32Array.from({ length: noiseTableSize + dimension }, () => normal() * scale);
  }

  /** Writes the unit vector of a row into `target`, and returns the row's fields. */
  fill(row: number, target: Float32Array): FilterValues {
    const random = seededRandom(seedOf(this.#seed, row));
    const { dimension } = this;
    const cluster = Math.floor(random() * clusters) * factors;
    // A slice of the table is as good as fresh noise, and far cheaper.
    const noiseStart = Math.floor(random() * noiseTableSize);
    target.set(this.#noise.subarray(noiseStart, noiseStart + dimension));
    for (let factor = 0; factor < factors; factor++) {
      const weight = (this.#centres[cluster + factor] ?? 0) + spread * gaussian(random);
      const start = factor * dimension;
      for (let index = 0; index < dimension; index++)
        target[index] = (target[index] ?? 0) + weight * (this.#loadings[start + index] ?? 0);
    }
    scaleToUnit(target);
    return {
      tenth: Math.floor(random() * filterFields.tenth),
      fiftieth: Math.floor(random() * filterFields.fiftieth),
      thousandth: Math.floor(random() * filterFields.thousandth),
    };
  }
}

function scaleToUnit(vector: Float32Array): void {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) squares += (vector[index] ?? 0) ** 2;
  const scale = 1 / Math.sqrt(squares);
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) * scale;
}

/** Rows that are filled at a time before others have their turn. */
const slice = 500;

/** So many chunks of a source; fewer of the same source are the first of them. */
export async function generateDataset(
  source: VectorSource,
  count: number,
  onRows: (rows: number) => void = () => undefined,
): Promise<Dataset> {
  const { dimension } = source;
  const vectors = new Float32Array(count * dimension);
  const values = {
    tenth: new Uint16Array(count),
    fiftieth: new Uint16Array(count),
    thousandth: new Uint16Array(count),
  };
  const vector = (row: number) => vectors.subarray(row * dimension, (row + 1) * dimension);
  for (let start = 0; start < count; start += slice) {
    const end = Math.min(count, start + slice);
    for (let row = start; row < end; row++) {
      const fields = source.fill(row, vector(row));
      for (const name of filterFieldNames) values[name][row] = fields[name];
    }
    onRows(end - start);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const fields = (row: number): FilterValues => ({
    tenth: values.tenth[row] ?? 0,
    fiftieth: values.fiftieth[row] ?? 0,
    thousandth: values.thousandth[row] ?? 0,
  });
  return { count, dimension, vectors, vector, fields };
}

/** The first chunks of a dataset, without a copy. */
export function firstRows(dataset: Dataset, count: number): Dataset {
  return { ...dataset, count, vectors: dataset.vectors.subarray(0, count * dataset.dimension) };
}

/** Vectors of the same kind that are not among the chunks. */
export function generateQueries(source: VectorSource, count: number): readonly Float32Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, index) => {
    const vector = new Float32Array(source.dimension);
    source.fill(firstQueryRow + index, vector);
    return vector;
  });
}
