import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { randomUnitVector, seededRandom } from "../data/vectors.ts";

/** Numbers of each vector of these servers. */
export const dimension = 32;

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is text. */
  readonly body: unknown;
}

const requestBody = z
  .looseObject({ model: z.string(), input: z.array(z.string()).optional(), texts: z.array(z.string()).optional() })
  .transform((body) => ({ ...body, input: body.input ?? body.texts ?? [] }));
export type RequestBody = z.output<typeof requestBody> & Readonly<Record<string, unknown>>;

/** A server with `POST /v1/embeddings`, and Cohere's `POST /v1/embed`, that answers as it is told to, and keeps what it was asked. */
export class EmbeddingServer {
  readonly asked: RequestBody[] = [];
  readonly #answer: (body: RequestBody, authorization: string | undefined) => Answer;
  readonly #server = createServer((request, response) => {
    void this.#reply(request)
      .catch((error: unknown): Answer => ({ status: 418, body: String(error) }))
      .then(({ status = 200, headers = {}, body }) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        return response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
  });

  constructor(answer: (body: RequestBody, authorization: string | undefined) => Answer) {
    this.#answer = answer;
  }

  /** Where it answers, up to and with the version. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The server does not listen");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #reply(request: IncomingMessage): Promise<Answer> {
    if (request.url !== "/v1/embeddings" && request.url !== "/v1/embed")
      return { status: 404, body: "404 page not found" };
    const body = requestBody.parse(await json(request));
    this.asked.push(body);
    return this.#answer(body, request.headers.authorization);
  }
}

/** The vector of a text, which follows from the text alone. */
export function vectorOf(text: string): readonly number[] {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return [...randomUnitVector(dimension, seededRandom(hash))];
}

export const itemsOf = ({ input }: RequestBody) =>
  input.map((text, index) => ({ object: "embedding", embedding: vectorOf(text), index }));

const listOf = (body: RequestBody, usage: object) => ({
  object: "list",
  data: itemsOf(body),
  model: body.model,
  usage,
});

/** About as many as a tokenizer for English makes. */
const tokensOf = (text: string) => text.split(" ").length;

/**
 * llama.cpp's `llama-server --embeddings` of build b4242 and later: one text of more tokens than the physical batch ends
 * the call with 500 (ggml-org/llama.cpp#7389, #12295; `tools/server/server-context.cpp`, where `send_error` has the
 * words). Until build b6000 or so the words had no numbers.
 */
export const llamaCpp = (
  words = (tokens: number) =>
    `input (${tokens} tokens) is too large to process. increase the physical batch size (current batch size: 512)`,
) =>
  new EmbeddingServer((body) => {
    const tooLong = body.input.map(tokensOf).find((tokens) => tokens > 512);
    if (tooLong === undefined) return { body: listOf(body, { prompt_tokens: 3, total_tokens: 3 }) };
    return { status: 500, body: { error: { code: 500, message: words(tooLong), type: "server_error" } } };
  });

/**
 * Voyage AI, API of 2026 (docs.voyageai.com/reference/embeddings-api): counts `total_tokens` alone, takes `base64` or
 * nothing as `encoding_format`, and says what it refuses as `detail`.
 */
export const voyage = () =>
  new EmbeddingServer((body) => {
    const format = body["encoding_format"];
    if (format !== undefined && format !== null && format !== "base64") {
      const detail = `Value ${JSON.stringify(format)} supplied for argument 'encoding_format' is not valid -- accepted values are ['base64', null].`;
      return { status: 400, body: { detail } };
    }
    return { body: listOf(body, { total_tokens: 7 }) };
  });

/**
 * NVIDIA NIM, NeMo Retriever Text Embedding 1.7 (docs.nvidia.com/nim/nemo-retriever/text-embedding/1.7.0/reference.html)
 * with an asymmetric model: wants `input_type`, and refuses fields that it does not know (CortexReach/memory-lancedb-pro
 * #578, CherryHQ/cherry-studio#16818).
 */
export const nim = () =>
  new EmbeddingServer((body) => {
    const known = new Set(["model", "input", "input_type", "encoding_format", "truncate", "user", "modality"]);
    const unknown = Object.keys(body).find((field) => !known.has(field));
    if (unknown !== undefined) {
      const detail = `{'type': 'extra_forbidden', 'loc': ('body', '${unknown}'), 'msg': 'Extra inputs are not permitted'}`;
      return { status: 400, body: { error: `Your request cannot be validated, it is incorrect. detail=${detail}` } };
    }
    if (body["input_type"] !== "query" && body["input_type"] !== "passage") {
      return { status: 400, body: { error: "'input_type' parameter is required for asymmetric models" } };
    }
    return { body: listOf(body, { prompt_tokens: 5, total_tokens: 5 }) };
  });

/**
 * SiliconFlow, API of 2026 (docs.siliconflow.cn/cn/api-reference/embeddings/create-embeddings): any field that a model
 * does not take, such as `dimensions` for BAAI/bge-m3, ends the call without its name
 * (miracleEverywhere/dst-management-platform-api#154), and Qwen3-Embedding wants `dimensions` (uf-hy/qmdr#28).
 */
export const siliconFlow = () =>
  new EmbeddingServer((body) => {
    const known = new Set([
      "model",
      "input",
      "encoding_format",
      ...(body.model.includes("Qwen3") ? ["dimensions"] : []),
    ]);
    const wrong =
      Object.keys(body).some((field) => !known.has(field)) || (body.model.includes("Qwen3") && !body["dimensions"]);
    if (!wrong) return { body: listOf(body, { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 }) };
    return { status: 400, body: { code: 20015, message: "The parameter is invalid. Please check again.", data: null } };
  });

/**
 * Hugging Face's text-embeddings-inference 1.5: 413 where one text is too long (#356) or the call has more than 32 texts
 * (`--max-client-batch-size`).
 */
export const textEmbeddingsInference = () =>
  new EmbeddingServer((body) => {
    const refuse = (message: string) => ({ status: 413, body: { error: message, error_type: "Validation" } });
    const { length } = body.input;
    if (length > 32) return refuse(`batch size ${length} > maximum allowed batch size 32`);
    const tooLong = body.input.map(tokensOf).find((tokens) => tokens >= 512);
    if (tooLong !== undefined) {
      return refuse(`Input validation error: \`inputs\` must have less than 512 tokens. Given: ${tooLong}`);
    }
    return { body: listOf(body, { prompt_tokens: 5, total_tokens: 5 }) };
  });
