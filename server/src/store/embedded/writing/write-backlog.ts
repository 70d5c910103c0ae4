import { FairQueue, type Flow } from "../../../scheduling/fair-queue.ts";
import { chunksPerTransaction } from "./write-portions.ts";
import { isWrite, libraryOf, type ReadRequest, type Request, type WriteRequest } from "./writer-messages.ts";

/** What one transaction takes before reads have their turn, so that these do not wait long. */
const documentsPerTransaction = 256;
const bytesPerTransaction = 16 * 1024 * 1024;

/**
 * What the writing thread has been asked for. Libraries take turns, for changes and for reads; what is asked of one stays in
 * its order.
 */
export class Backlog {
  readonly #writes = new FairQueue<WriteRequest>();
  readonly #reads = new FairQueue<ReadRequest>();
  /** Libraries that may not be written to for now. */
  #held: ReadonlySet<Flow> = new Set();

  add(request: Exclude<Request, { operation: "close" }>): void {
    if (isWrite(request)) this.#writes.add(libraryOf(request), [request]);
    else this.#reads.add(libraryRead(request), [request]);
  }

  /** From now on writes to these libraries, and no others, wait. */
  hold(libraryIds: readonly string[]): void {
    this.#held = new Set(libraryIds);
  }

  /** Reads that wait, and writes, whether they may go or not. */
  get size(): number {
    return this.#writes.size + this.#reads.size;
  }

  /** Whether something waits that may be done, where writes may. */
  pending(canWrite: boolean): boolean {
    return !this.#reads.empty || (canWrite && this.#writes.some((flow) => !this.#held.has(flow)));
  }

  /** Writes that wait though it is their turn. */
  held(canWrite: boolean): number {
    if (!canWrite) return this.#writes.size;
    return this.#held
      .values()
      .map((flow) => this.#writes.waiting(flow))
      .reduce((sum, waiting) => sum + waiting, 0);
  }

  /** Begins a transaction: gives one write after the other, as long as it takes more. */
  transaction(): (mayGo?: (request: WriteRequest) => boolean) => WriteRequest | undefined {
    let documents = 0;
    let chunks = 0;
    let bytes = 0;
    return (mayGo) => {
      if (documents >= documentsPerTransaction || chunks >= chunksPerTransaction || bytes >= bytesPerTransaction)
        return undefined;
      const request = this.#writes.next((flow) => !this.#held.has(flow));
      if (request === undefined) return undefined;
      if (mayGo?.(request) === false) {
        this.#writes.putBack(libraryOf(request), [request]);
        return undefined;
      }
      const load = loadOf(request);
      documents += load.documents;
      chunks += load.chunks;
      bytes += load.bytes;
      return request;
    };
  }

  /** Takes out the documents that wait to be written or deleted. What is no client's goes on. */
  abandon(): readonly WriteRequest[] {
    const waiting = this.#writes.clear();
    const abandoned = waiting.filter(isOfDocuments);
    for (const request of waiting) if (!isOfDocuments(request)) this.#writes.add(libraryOf(request), [request]);
    return abandoned;
  }

  read(): ReadRequest | undefined {
    return this.#reads.next();
  }
}

const isOfDocuments = ({ operation }: WriteRequest) => operation === "writeDocuments" || operation === "deleteDocument";

/** The library whose rows are read, where it is one. */
function libraryRead({ take }: ReadRequest): string | undefined {
  if (typeof take !== "object") return undefined;
  if ("libraryId" in take) return take.libraryId;
  return "id" in take ? take.id : undefined;
}

/** What a request adds to its transaction; a change that is not of documents counts as one. */
function loadOf(request: WriteRequest): {
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number;
} {
  if (request.operation !== "writeDocuments") return { documents: 1, chunks: 0, bytes: 0 };
  const { documents } = request.take;
  const chunks = documents.flatMap((document) => document.chunks);
  const bytes = chunks.reduce((sum, { text, vector }) => sum + text.length + vector.byteLength, 0);
  return { documents: documents.length, chunks: chunks.length, bytes };
}
