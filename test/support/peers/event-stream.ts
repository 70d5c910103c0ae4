import { within } from "../waiting.ts";

/** One block of a stream of Server-Sent Events. */
export interface EventBlock {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
  readonly retry: string | undefined;
}

/** Reads Server-Sent Events and keeps what it has read. */
export class EventStreamReader {
  readonly response: Response;
  readonly blocks: EventBlock[] = [];
  /** Resolves when the stream has ended, well or not. */
  readonly ended: Promise<void>;
  readonly #abort: AbortController;
  #arrived = Promise.withResolvers<void>();
  #over = false;

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStreamReader> {
    const abort = new AbortController();
    const response = await fetch(url, { headers: { accept: "text/event-stream", ...headers }, signal: abort.signal });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return new EventStreamReader(response, abort);
  }

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read()
      .catch(() => undefined)
      .finally(() => {
        this.#over = true;
        this.#wake();
      });
  }

  /** The first block that fits, waiting for it if need be. */
  async wait(fits: (block: EventBlock) => boolean): Promise<EventBlock> {
    for (;;) {
      const found = this.blocks.find(fits);
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`Ended before; heard ids ${this.#ids()}`);
      await within(this.#arrived.promise, () => `a block, after ids ${this.#ids()}`);
    }
  }

  /** Whether the stream has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when something has come, or the stream has ended. */
  async changed(): Promise<void> {
    if (!this.#over) await within(this.#arrived.promise, "something to come, or the stream to end");
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  async #read(): Promise<void> {
    let rest = "";
    if (this.response.body === null) return;
    for await (const part of this.response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + part).split("\n\n");
      rest = blocks.pop() ?? "";
      this.blocks.push(...blocks.map(toBlock));
      this.#wake();
    }
  }

  #ids(): string {
    return this.blocks
      .map(({ id }) => id)
      .slice(-20)
      .join(", ");
  }

  #wake(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

function toBlock(text: string): EventBlock {
  const fields = new Map(
    text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return { id: fields.get("id"), event: fields.get("event"), data: fields.get("data"), retry: fields.get("retry") };
}
