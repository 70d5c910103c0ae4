import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { type BatchRequest, dimension, parseRequest, type ModelReply } from "./model-messages.ts";

/** The model's interface for threads: one vector for each text. */
export type Model = (texts: string[]) => Promise<readonly (readonly number[])[]>;

/** Posts `ready`, then processes batches one at a time, urgent ones first. An error of the model ends the thread. */
export function serve(port: MessagePort, model: Model): void {
  const send = (reply: ModelReply) => port.postMessage(reply);
  const urgent: BatchRequest[] = [];
  const others: BatchRequest[] = [];
  let working = false;

  const take = (message: unknown) => {
    const request = parseRequest(message);
    (request.urgent ? urgent : others).push(request);
  };

  /** The model keeps the thread from its event loop, so messages that came meanwhile are fetched by hand. */
  const next = (): BatchRequest | undefined => {
    for (;;) {
      const received: { readonly message: unknown } | undefined = receiveMessageOnPort(port);
      if (received === undefined) return urgent.shift() ?? others.shift();
      take(received.message);
    }
  };

  const work = async () => {
    if (working) return;
    working = true;
    for (let request = next(); request !== undefined; request = next()) {
      const vectors = await model(request.windows);
      send({ type: "vectors", id: request.id, numbers: flatten(vectors, request.windows.length) });
    }
    working = false;
  };

  port.on("message", (message: unknown) => {
    take(message);
    work().catch((error: unknown) => {
      // Thrown outside of the promise, so that it ends the thread as an uncaught error.
      setImmediate(() => {
        throw error;
      });
    });
  });
  send({ type: "ready" });
}

function flatten(vectors: readonly (readonly number[])[], count: number): Float32Array<ArrayBuffer> {
  if (vectors.length !== count) throw new Error(`The model returned ${vectors.length} vectors for ${count} texts`);
  const numbers = new Float32Array(count * dimension);
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== dimension) throw new Error(`The model returned a vector with ${vector.length} dimensions`);
    numbers.set(vector, index * dimension);
  }
  return numbers;
}
