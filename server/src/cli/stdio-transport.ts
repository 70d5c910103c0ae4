import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { limits } from "@arrwdb/protocol/limits";
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from "@modelcontextprotocol/server";
import { splitLines } from "../core/ingestion/lines.ts";

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

/** Newline-delimited messages of the protocol. Unlike the SDK's own transport, integers of any size are exact. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #input: Readable;
  readonly #output: Writable;
  #closed = false;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#output.on("error", this.#failed);
    this.#read()
      .catch(this.#failed)
      .finally(() => void this.close());
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) throw new Error("The connection is closed");
    if (!this.#output.write(jsonLine(message))) await once(this.#output, "drain");
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.pause();
    this.onclose?.();
  }

  readonly #failed = (error: unknown) => {
    if (!this.#closed) this.onerror?.(toError(error));
  };

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const { number, bytes } of splitLines(this.#input, limits.lineBytes)) {
      if (this.#closed) return;
      try {
        if (bytes === undefined) throw new Error(`Message ${number} is longer than ${limits.lineBytes} bytes`);
        this.onmessage?.(parseJSONRPCMessage(parseExactly(decoder.decode(bytes))));
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
