import { parentPort } from "node:worker_threads";
import { loadModel } from "./builtin-model.ts";
import { serve } from "./serve-model.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");

const model = await loadModel();
// The first call compiles; warming up keeps that from the first document.
await model.embed(["warm up"]);
serve(parentPort, (texts) => model.embed(texts));
