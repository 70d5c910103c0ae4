import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Problem } from "@arrwdb/protocol/errors/problem";
import { ArrwClientError, toClientError } from "../errors.ts";
import { linesOf } from "./lines.ts";
import type { RequestOptions, ClientSettings } from "../options.ts";
import { Deadline } from "../waiting.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpRequest extends RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

export interface HttpUpload extends RequestOptions {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const requestIdOf = (response: Response) => response.headers.get("x-request-id") ?? undefined;

/** Trusted to have the protocol's shape: validation would add all schemas to the bundle. */
function parse(text: string, response: Response) {
  try {
    return parseExactly(text);
  } catch (error) {
    const { status } = response;
    const message = `The response (status ${status}) is not JSON; is this an arrwDB server?`;
    throw new ArrwClientError("protocol", message, { status, requestId: requestIdOf(response), cause: error });
  }
}

/** Undefined for responses of a proxy or another server. */
function parseProblem(text: string): Problem | undefined {
  try {
    const problem: Problem | null = JSON.parse(text);
    return typeof problem?.code === "string" && typeof problem.detail === "string" ? problem : undefined;
  } catch {
    return undefined;
  }
}

/** A problem of RFC 9457 as an error. */
function errorOf(text: string, response: Response): ArrwClientError {
  const { status } = response;
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  const common = {
    status,
    requestId: requestIdOf(response),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
  const problem = parseProblem(text);
  if (problem === undefined) {
    // Proxies return 502, 503 and 504 while the server behind them restarts.
    const code = status >= 502 && status <= 504 ? "network" : "protocol";
    return new ArrwClientError(code, `Unexpected response with status ${status}, not from an arrwDB server`, common);
  }
  const { code, detail, field, retryable, earliest_seq: earliestSeq, current_seq: currentSeq } = problem;
  return new ArrwClientError(code, detail, { ...common, field, retryable, earliestSeq, currentSeq });
}

/** Requests over HTTP, with time-outs, signals, and the server's problems as errors. */
export class Http {
  readonly #settings: ClientSettings;
  readonly #closed: AbortSignal;

  /** @param closed aborts with the reason for which requests are refused from then on */
  constructor(settings: ClientSettings, closed: AbortSignal) {
    this.#settings = settings;
    this.#closed = closed;
  }

  /**
   * The JSON of the response.
   *
   * @throws ArrwClientError with the server's code, or `network`, `timeout`, `protocol`, `closed`
   */
  async json<Answer>(method: Method, path: string, request: HttpRequest = {}): Promise<Answer> {
    const { body } = request;
    const accept = "application/json";
    const init =
      body === undefined
        ? { headers: { accept } }
        : { headers: { accept, "content-type": "application/json" }, body: stringifyExactly(body) };
    return this.#within(request, `${method} ${path}`, async (deadline) => {
      const response = await this.#fetch(this.#address(path, request.query), { method, ...init }, deadline);
      const answer: Answer = parse(await response.text(), response);
      return answer;
    });
  }

  /**
   * Sends NDJSON and calls `onLine` for each line of the response as it arrives. The time-out applies to the gap between
   * two lines.
   */
  async upload(path: string, upload: HttpUpload, onLine: (line: unknown) => void): Promise<void> {
    const { body, headers } = upload;
    await this.#within(upload, `POST ${path}`, async (deadline) => {
      const response = await this.#fetch(this.#address(path), { method: "POST", headers, body }, deadline);
      if (response.body === null) return;
      for await (const line of linesOf(response.body)) {
        deadline.extend();
        onLine(parse(line, response));
      }
    });
  }

  /**
   * The lines of an NDJSON response, with backpressure. The time-out applies to the gap between two lines.
   *
   * @throws as `json`
   */
  async *lines(path: string, request: RequestOptions): AsyncGenerator<unknown, undefined> {
    const what = `GET ${path}`;
    const { signal, timeout = this.#settings.timeout } = request;
    this.#closed.throwIfAborted();
    signal?.throwIfAborted();
    const deadline = new Deadline({ signal, timeout }, what);
    try {
      const headers = { accept: "application/x-ndjson" };
      const response = await this.#fetch(this.#address(path), { headers }, deadline);
      if (response.body === null) return;
      for await (const line of linesOf(response.body)) {
        deadline.pause();
        yield parse(line, response);
        deadline.extend();
      }
    } catch (error) {
      deadline.signal.throwIfAborted();
      throw toClientError(error, what);
    } finally {
      deadline.dispose();
    }
  }

  #address(path: string, query: HttpRequest["query"] = {}): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    return this.#settings.url + path + (parameters.size === 0 ? "" : `?${parameters.toString()}`);
  }

  /** Runs a request, including reading the response, with its time-out, and converts its errors. */
  async #within<Answer>(
    { signal, timeout = this.#settings.timeout }: RequestOptions,
    what: string,
    run: (deadline: Deadline) => Promise<Answer>,
  ): Promise<Answer> {
    this.#closed.throwIfAborted();
    signal?.throwIfAborted();
    const deadline = new Deadline({ signal, timeout }, what);
    try {
      return await run(deadline);
    } catch (error) {
      deadline.signal.throwIfAborted();
      throw toClientError(error, what);
    } finally {
      deadline.dispose();
    }
  }

  async #fetch(address: string, init: RequestInit, { signal }: Deadline): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#settings.headers)) headers.set(name, value);
    const response = await this.#settings.fetch(address, { ...init, headers, signal });
    if (response.ok) return response;
    throw errorOf(await response.text(), response);
  }
}
