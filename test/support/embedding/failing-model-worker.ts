import { parentPort } from "node:worker_threads";
import { loadModel } from "../../../server/src/embedding/builtin/builtin-model.ts";
import { serve } from "../../../server/src/embedding/builtin/serve-model.ts";

/** The real model, on a thread that a text can end in different ways. */
if (parentPort === null) throw new Error("This file runs as a worker thread");

const model = await loadModel();
serve(parentPort, async (texts) => {
  if (texts.some((text) => text.includes("EXIT THE THREAD"))) process.exit(1);
  if (texts.some((text) => text.includes("THROW AN ERROR"))) throw new Error("the model is upset");
  const vectors = await model.embed(texts);
  return vectors.map((vector, index) => {
    const text = texts[index] ?? "";
    if (text.includes("GIVE ZEROS")) return vector.map(() => 0);
    return text.includes("GIVE NAN") ? vector.map(() => Number.NaN) : vector;
  });
});
