import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";
import { within } from "../waiting.ts";

export type LiveQueryOf = Readonly<Record<string, unknown>>;

const hits = z.array(z.looseObject({ chunk_id: z.string() }));
const answer = z.object({
  type: z.literal("response"),
  request_id: z.string(),
  data: z.looseObject({ subscription_id: z.string(), results: hits.optional() }).nullable(),
  error: z.string().nullable(),
});
const update = z.looseObject({
  type: z.literal("search.updated"),
  subscription_id: z.string(),
  seq: z.int(),
  results: hits,
});
type Answer = z.output<typeof answer>;

const told = z.union([answer, update, z.looseObject({ type: z.string() })]);

interface Shown {
  readonly query: LiveQueryOf;
  chunks: readonly string[];
  seq: number;
}

/** A connection that knows what each of its live queries shows, and can read nothing for a while. */
export class LiveReader {
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, (answered: Answer) => void>();
  readonly shown = new Map<string, Shown>();
  /** Why it was closed. */
  readonly closed: Promise<number>;
  /** Updates of queries that show something, and those that came out of their order. */
  updates = 0;
  disordered = 0;
  #next = 0;

  static async open(url: string, libraryId: string, headers: Readonly<Record<string, string>> = {}) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/libraries/${libraryId}/ws`, { headers });
    const reader = new LiveReader(socket);
    await within(once(socket, "open"), "the connection to open");
    return reader;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    socket.on("close", resolve);
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => this.#receive(told.parse(JSON.parse(data.toString()))));
  }

  async watch(query: LiveQueryOf): Promise<string> {
    const { data, error } = await this.#request("subscribe", { query });
    if (data === null) throw new Error(error ?? "It was refused");
    const shown = this.shown.get(data.subscription_id);
    // What came behind the answer is newer.
    if (shown === undefined) {
      this.shown.set(data.subscription_id, { query, chunks: chunksOf(data.results ?? []), seq: 0 });
    } else this.shown.set(data.subscription_id, { ...shown, query });
    return data.subscription_id;
  }

  async end(id: string): Promise<void> {
    await this.#request("unsubscribe", { subscription_id: id });
    this.shown.delete(id);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }

  #request(action: string, data: unknown): Promise<Answer> {
    const id = `${this.#next++}`;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#answers.set(id, resolve);
    this.#socket.send(JSON.stringify({ request_id: id, action, data }));
    return within(promise, `an answer to ${action}`);
  }

  #receive(message: z.output<typeof told>): void {
    const answered = answer.safeParse(message);
    if (answered.success) {
      const { request_id: id } = answered.data;
      this.#answers.get(id)?.(answered.data);
      this.#answers.delete(id);
    }
    const updated = update.safeParse(message);
    if (!updated.success) return;
    const { subscription_id: id, seq, results } = updated.data;
    const before = this.shown.get(id);
    this.updates++;
    if (before !== undefined && seq <= before.seq) this.disordered++;
    this.shown.set(id, { query: before?.query ?? {}, chunks: chunksOf(results), seq });
  }
}

const chunksOf = (results: z.output<typeof hits>) => results.map(({ chunk_id }) => chunk_id);
