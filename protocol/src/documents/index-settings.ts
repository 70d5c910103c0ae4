import { z } from "zod";

const indexNumber = { error: "must be a whole number" };

const indexTypes = (): string =>
  `must be one of "auto", ${new Intl.ListFormat("en-GB").format(indexKind.options.map((kind) => `"${kind}"`))}`;

/**
 * The index of a library. `auto`: exact while it is small, then a graph. `flat`: always exact. `hnsw`: a graph. `ivf`:
 * lists of vectors around centroids, kept on disk, for very large libraries with little memory.
 */
export const indexSettings = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("auto") }),
    z.strictObject({ type: z.literal("flat") }),
    z.strictObject({
      type: z.literal("hnsw"),
      m: z
        .int(indexNumber)
        .min(4, "must be at least 4")
        .max(128, "must be at most 128")
        .default(16)
        .describe("Neighbours per node of the graph; more give better recall and take more memory"),
      ef_construction: z
        .int(indexNumber)
        .min(8, "must be at least 8")
        .max(2_048, "must be at most 2048")
        .default(128)
        .describe("Number of candidates examined when a vector is added"),
      ef: z
        .int(indexNumber)
        .min(8, "must be at least 8")
        .max(2_048, "must be at most 2048")
        .default(64)
        .describe(
          "Minimum number of candidates examined by a search; more if the index was measured to need them for a recall of 0.99",
        ),
      quantization: z
        .enum(["i8", "f16", "f32"], { error: 'must be "i8", "f16" or "f32"' })
        .default("i8")
        .describe("How the graph stores vector components; hits are always re-ranked in full precision"),
    }),
    z.strictObject({
      type: z.literal("ivf"),
      nlist: z
        .int(indexNumber)
        .min(2, "must be at least 2")
        .max(65_536, "must be at most 65536")
        .nullable()
        .default(null)
        .describe("Number of lists; if null, chosen by the number of chunks"),
      nprobe: z
        .int(indexNumber)
        .min(1, "must be at least 1")
        .max(65_536, "must be at most 65536")
        .nullable()
        .default(null)
        .describe("Number of lists that a search looks at; if null, measured for a recall of 0.99"),
    }),
  ],
  { error: indexTypes },
);
export type IndexSettings = z.output<typeof indexSettings>;

/**
 * The indexes of the Python server by its names. It has two that no longer exist, which are `auto` here: as exact while a library
 * is small, and faster when it is large.
 */
export const pythonIndexTypes: Readonly<Record<string, IndexSettings>> = {
  brute_force: { type: "flat" },
  kd_tree: { type: "auto" },
  lsh: { type: "auto" },
  hnsw: indexSettings.parse({ type: "hnsw" }),
  ivf: indexSettings.parse({ type: "ivf" }),
};

/** Kinds of index: the types of index settings but for `auto`, which chooses among them. */
export type IndexKind = Exclude<IndexSettings["type"], "auto">;
const indexKinds: { readonly [Kind in IndexKind]: Kind } = { flat: "flat", hnsw: "hnsw", ivf: "ivf" };
export const indexKind = z.enum(indexKinds);
