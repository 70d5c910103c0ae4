import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { uploadDataset } from "../arrwdb-library.ts";
import { generateDataset, VectorSource } from "../dataset.ts";

/** Makes chunks, says so, and uploads them when it is told to. */
const uploadOrder = z.object({
  url: z.string(),
  libraryId: z.string(),
  dimension: z.int(),
  seed: z.int(),
  chunks: z.int(),
});
export type UploadOrder = z.output<typeof uploadOrder>;

const { url, libraryId, dimension, seed, chunks } = uploadOrder.parse(workerData);
const dataset = await generateDataset(new VectorSource(dimension, seed), chunks);

parentPort?.once("message", () => {
  void uploadDataset(url, libraryId, dataset, { uploads: 2 }).then(() => parentPort?.postMessage("done"));
});
parentPort?.postMessage("ready");
