import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../test/support/data/vectors.ts";
import { type Dataset, filterFields } from "./dataset.ts";

/** Where the real texts lie if nothing is said: beside the repository, as they are not ours. */
export const realTextDirectory = fileURLToPath(new URL("../../../shared/data/real-text", import.meta.url));

const sentences = "cranfield-sentences.512.f32";
const questions = "cranfield-questions.512.f32";
const dimension = 512;

/** Real texts as chunks, and real questions. */
export interface RealText {
  readonly dataset: Dataset;
  readonly queries: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Sentences and questions of the Cranfield collection, embedded by the built-in model: rows of little-endian float32. Real
 * embeddings are harder for a graph than generated ones, so they are what recall is measured on first.
 *
 * @returns undefined if the files are not there
 */
export async function readRealText(directory: string, seed: number): Promise<RealText | undefined> {
  if (!existsSync(join(directory, sentences)) || !existsSync(join(directory, questions))) return undefined;
  const vectors = await numbersOf(join(directory, sentences));
  const asked = await numbersOf(join(directory, questions));
  const vector = (row: number) => vectors.subarray(row * dimension, (row + 1) * dimension);
  const count = vectors.length / dimension;
  const random = seededRandom(seed);
  const fields = Array.from({ length: count }, () => ({
    tenth: Math.floor(random() * filterFields.tenth),
    fiftieth: Math.floor(random() * filterFields.fiftieth),
    thousandth: Math.floor(random() * filterFields.thousandth),
  }));
  const none = { tenth: 0, fiftieth: 0, thousandth: 0 };
  return {
    dataset: { count, dimension, vectors, vector, fields: (row) => fields[row] ?? none },
    queries: Array.from({ length: asked.length / dimension }, (_each, row) =>
      asked.slice(row * dimension, (row + 1) * dimension),
    ),
  };
}

/** @throws if the file does not hold whole rows */
async function numbersOf(path: string): Promise<Float32Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(await readFile(path));
  if (bytes.length === 0 || bytes.length % (4 * dimension) !== 0) {
    throw new Error(`${path} does not hold rows of ${dimension} float32 numbers`);
  }
  return new Float32Array(bytes.buffer);
}
