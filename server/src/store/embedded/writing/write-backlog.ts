import { FairQueue, type Flow } from "../../../scheduling/fair-queue.ts";
import { chunksPerTransaction } from "./write-portions.ts";
import { isWrite, libraryOf, type ReadRequest, type Request, type WriteRequest } from "./writer-messages.ts";

/** Maximum size of one transaction, so that reads do not wait long. */
const documentsPerTransaction = 256;
const bytesPerTransaction = 16 * 1024 * 1024;

/**
 * Requests waiting for the writing thread. Libraries take turns, for changes and for reads; requests of one library stay in
 * order.
 */
export class Backlog {
  readonly #writes = new FairQueue<WriteRequest>();
  readonly #reads = new FairQueue<ReadRequest>();
  /** Libraries whose writes have to wait for now. */
  #held: ReadonlySet<Flow> = new Set();

  add(request: Exclude<Request, { operation: "close" }>): void {
    if (isWrite(request)) this.#writes.add(libraryOf(request), [request]);
    else this.#reads.add(libraryRead(request), [request]);
  }

  /** From now on, exactly these libraries' writes wait. */
  hold(libraryIds: readonly string[]): void {
    this.#held = new Set(libraryIds);
  }

  /** Number of waiting reads and writes, including held writes. */
  get size(): number {
    return this.#writes.size + this.#reads.size;
  }

  /** Whether some request could run, given whether writes may. */
  pending(canWrite: boolean): boolean {
    return !this.#reads.empty || (canWrite && this.#writes.some((flow) => !this.#held.has(flow)));
  }

  /** Number of writes that are being held back. */
  held(canWrite: boolean): number {
    if (!canWrite) return this.#writes.size;
    return this.#held
      .values()
      .map((flow) => this.#writes.waiting(flow))
      .reduce((sum, waiting) => sum + waiting, 0);
  }

  /** Starts a transaction: returns a function that returns its next write, until it is full. */
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

  /** Removes waiting writes and deletions of documents. Internal requests stay. */
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

const ofDocuments: ReadonlySet<string> = new Set([
  "writeDocuments",
  "patchDocument",
  "patchDocuments",
  "deleteDocument",
  "deleteDocuments",
]);
const isOfDocuments = ({ operation }: WriteRequest) => ofDocuments.has(operation);

/** The library that is read, if there is one. */
function libraryRead({ take }: ReadRequest): string | undefined {
  if (typeof take !== "object") return undefined;
  if ("libraryId" in take) return take.libraryId;
  return "id" in take ? take.id : undefined;
}

/** The size a request adds to its transaction; a change of something other than documents counts as one. */
function loadOf(request: WriteRequest): {
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number;
} {
  if (request.operation === "deleteDocuments" || request.operation === "patchDocuments") {
    // Its slice ends by time; others follow in the next transaction.
    return { documents: documentsPerTransaction, chunks: 0, bytes: 0 };
  }
  if (request.operation === "keepVectors") {
    const { vectors } = request.take;
    const bytes = vectors.reduce((sum, { vector }) => sum + vector.byteLength, 0);
    return { documents: 1, chunks: vectors.length, bytes };
  }
  if (request.operation !== "writeDocuments") return { documents: 1, chunks: 0, bytes: 0 };
  const { documents } = request.take;
  const chunks = documents.flatMap((document) => document.chunks);
  const bytes = chunks.reduce((sum, { text, vector }) => sum + text.length + vector.byteLength, 0);
  return { documents: documents.length, chunks: chunks.length, bytes };
}
