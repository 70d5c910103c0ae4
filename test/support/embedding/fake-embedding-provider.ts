import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { randomUnitVector, seededRandom } from "../data/vectors.ts";
import { within } from "../waiting.ts";

/** What the next call meets instead of an answer, or of a right one. */
export type Mishap =
  | { readonly status: number; readonly retryAfter?: string | undefined; readonly message?: string | undefined }
  | "hang"
  | "hang in the body"
  | "hang up"
  | "not JSON"
  | "one vector too few"
  | "wrong dimension"
  | "null numbers"
  | "zeros";

export interface ProviderCall {
  readonly path: string;
  readonly texts: readonly string[];
  readonly model: string;
  readonly inputType: string | undefined;
  readonly dimensions: number | undefined;
  readonly authorization: string | undefined;
}

/** A text that contains it is refused with 400, and the whole call with it. */
export const refusedMarker = "REFUSE THIS";

const requestBody = z.object({
  model: z.string(),
  texts: z.array(z.string()).max(96).optional(),
  input: z.array(z.string()).max(2048).optional(),
  input_type: z.enum(["search_document", "search_query"]).optional(),
  output_dimension: z.int().optional(),
  dimensions: z.int().optional(),
});

/**
 * Answers as Cohere does at `/v2/embed` and OpenAI at `/v1/embeddings`, with vectors that follow from the text, the
 * model and the input type alone.
 */
export class FakeEmbeddingProvider {
  readonly calls: ProviderCall[] = [];
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => refuse(response, 400, String(error)));
  });
  readonly #dimension: number;
  #mishaps: Mishap[] = [];
  #called = Promise.withResolvers<void>();
  #hungUp = 0;
  #gate: Promise<void> | undefined;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The fake provider does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Each of the next calls meets one of these. */
  plan(...mishaps: readonly Mishap[]): void {
    this.#mishaps = [...mishaps];
  }

  /** Answers no call until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  /** Resolves when so many calls have come in all. */
  async called(count: number): Promise<void> {
    while (this.calls.length < count)
      await within(this.#called.promise, () => `call ${this.calls.length + 1} of ${count}`);
  }

  /** Resolves when so many calls were ended by their caller. */
  async hungUp(count: number): Promise<void> {
    while (this.#hungUp < count)
      await within(this.#called.promise, () => `the end of call ${this.#hungUp + 1} of ${count}`);
  }

  #notify(): void {
    this.#called.resolve();
    this.#called = Promise.withResolvers();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of z.custom<AsyncIterable<Buffer>>().parse(request)) chunks.push(chunk);
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString());
    const body = requestBody.parse(json);
    const texts = body.texts ?? body.input ?? [];
    this.calls.push({
      path: request.url ?? "",
      texts,
      model: body.model,
      inputType: body.input_type,
      dimensions: body.dimensions ?? body.output_dimension,
      authorization: request.headers.authorization,
    });
    const mishap = this.#mishaps.shift();
    this.#notify();
    response.once("close", () => {
      if (response.writableFinished) return;
      this.#hungUp++;
      this.#notify();
    });
    await this.#gate;
    if (mishap === "hang") return;
    if (mishap === "hang up") return void request.socket.destroy();
    if (typeof mishap === "object") return refuse(response, mishap.status, mishap.message, mishap.retryAfter);
    if (texts.some((text) => text.includes(refusedMarker))) return refuse(response, 400, "invalid text in the batch");
    response.setHeader("content-type", "application/json");
    if (mishap === "hang in the body") return void response.write('{"data": [');
    if (mishap === "not JSON") return void response.end("<html>Bad gateway</html>");
    const seed = `${body.model} ${body.input_type ?? ""} `;
    const dimension = body.dimensions ?? body.output_dimension ?? this.#dimension;
    const vectors = spoil(
      texts.map((text) => vectorOf(seed + text, dimension)),
      mishap,
    );
    response.end(JSON.stringify(body.texts === undefined ? likeOpenAI(vectors) : likeCohere(vectors)));
  }
}

type Numbers = readonly (number | null)[];

const likeCohere = (vectors: readonly Numbers[]) => ({
  id: "fake",
  embeddings: { float: vectors },
  meta: { api_version: { version: "2" }, billed_units: { input_tokens: 1 } },
});

const likeOpenAI = (vectors: readonly Numbers[]) => ({
  object: "list",
  data: vectors.map((embedding, index) => ({ object: "embedding", embedding, index })),
  usage: { prompt_tokens: 1, total_tokens: 1 },
});

/** The error bodies of both, of which each client reads its own. */
function refuse(response: ServerResponse, status: number, message = "the provider's reason", retryAfter?: string) {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.end(JSON.stringify({ message, error: { message, type: "fake", param: null, code: null } }));
}

/** Numbers of any length, as providers need not normalise. */
function vectorOf(text: string, dimension: number): Numbers {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return Array.from(randomUnitVector(dimension, seededRandom(hash)), (number) => number * 3);
}

function spoil(vectors: readonly Numbers[], mishap: Mishap | undefined): readonly Numbers[] {
  if (mishap === "one vector too few") return vectors.slice(1);
  if (mishap === "wrong dimension") return vectors.map((vector) => vector.slice(1));
  if (mishap === "null numbers") return vectors.map((vector) => vector.map(() => null));
  if (mishap === "zeros") return vectors.map((vector) => vector.map(() => 0));
  return vectors;
}
