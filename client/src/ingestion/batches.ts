import { canonicalDocumentId } from "@arrwdb/protocol/documents/document-id";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { ArrwClientError } from "../errors.ts";
import type { DocumentInput } from "../wire.ts";

export interface BatchSettings {
  readonly documents: number;
  /** Maximum of bytes of JSON. A single larger document is a batch of its own. */
  readonly bytes: number;
  /** Milliseconds that the first document of a batch waits for others; `Infinity` for no limit. */
  readonly delay: number;
}

/** A document in progress: its place in the source, counted from 1, and its JSON, or why it has none. */
export interface BatchEntry {
  readonly line: number;
  readonly id: string | undefined;
  readonly json: string | ArrwClientError;
}

export type Batch = readonly BatchEntry[];

export type DocumentSource = Iterable<DocumentInput> | AsyncIterable<DocumentInput>;

const encoder = new TextEncoder();
const sizeOf = ({ json }: BatchEntry) => (typeof json === "string" ? encoder.encode(json).byteLength + 1 : 0);

function jsonOf(document: DocumentInput): string | ArrwClientError {
  try {
    // Undefined for values that JSON cannot represent, such as a function, whatever the types claim.
    const json: string | undefined = stringifyExactly(document);
    return json ?? new ArrwClientError("validation_failed", "The document cannot be represented as JSON");
  } catch (error) {
    return new ArrwClientError("validation_failed", `The document cannot be serialized as JSON: ${String(error)}`, {
      cause: error,
    });
  }
}

const idOf = (document: DocumentInput | null | undefined) =>
  typeof document?.id === "string" ? canonicalDocumentId(document.id) : undefined;

async function* each(source: DocumentSource): AsyncGenerator<DocumentInput> {
  yield* source;
}

type Pull = Promise<IteratorResult<DocumentInput, unknown>>;

/**
 * Splits a source of documents into batches, and pulls no more than the current batch can hold. A batch ends when it is
 * full, when the source is slow, or before a document whose id it already has: the server accepts an id once for each
 * upload.
 */
export class Batches {
  readonly #iterator: AsyncGenerator<DocumentInput>;
  readonly #settings: BatchSettings;
  /** A pending read of the source: it belongs to the next batch if this one did not wait for it. */
  #pull: Pull | undefined;
  /** Did not fit into the batch before. */
  #left: BatchEntry | undefined;
  #lines = 0;
  #ended = false;

  constructor(source: DocumentSource, settings: BatchSettings) {
    this.#iterator = each(source);
    this.#settings = settings;
  }

  /** The next batch, or undefined at the end. Rejects if the source throws. Calls must not overlap. */
  async next(): Promise<Batch | undefined> {
    const batch: BatchEntry[] = [];
    const ids = new Set<string>();
    const patience = new Patience(this.#settings.delay);
    let bytes = 0;
    try {
      while (batch.length < this.#settings.documents) {
        const entry = await this.#entry(batch.length === 0 ? undefined : patience);
        if (entry === undefined) break;
        bytes += sizeOf(entry);
        if (batch.length > 0 && (bytes > this.#settings.bytes || (entry.id !== undefined && ids.has(entry.id)))) {
          this.#left = entry;
          break;
        }
        batch.push(entry);
        if (entry.id !== undefined) ids.add(entry.id);
      }
    } finally {
      patience.end();
    }
    return batch.length === 0 ? undefined : batch;
  }

  /** Tells the source that it is no longer read. */
  end(): void {
    this.#ended = true;
    // A pending `next` of the source handles the return later; it is not awaited.
    this.#iterator.return(undefined).catch(() => undefined);
  }

  /** The next document, or undefined if there is none, or none in time. */
  async #entry(patience: Patience | undefined): Promise<BatchEntry | undefined> {
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined || this.#ended) return left;
    this.#pull ??= this.#iterator.next();
    const result = await (patience === undefined ? this.#pull : patience.wait(this.#pull));
    if (result === undefined) return undefined;
    this.#pull = undefined;
    if (result.done === true) {
      this.#ended = true;
      return undefined;
    }
    this.#lines += 1;
    return { line: this.#lines, id: idOf(result.value), json: jsonOf(result.value) };
  }
}

/** The total time that one batch waits. */
class Patience {
  readonly #delay: number;
  readonly #over = Promise.withResolvers<undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(delay: number) {
    this.#delay = delay;
  }

  /** The promise's value, or undefined on time-out. */
  async wait<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    if (!Number.isFinite(this.#delay)) return promise;
    this.#timer ??= setTimeout(() => this.#over.resolve(undefined), this.#delay);
    return Promise.race([promise, this.#over.promise]);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
