import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { isUuid } from "@arrwdb/protocol/documents/document-id";
import type { EmbeddedStore } from "../embedded/embedded-store.ts";
import type { LogWriter } from "./log/log-writer.ts";
import { deleteExpired } from "./upkeep/delete-expired.ts";
import { type Positions } from "./log/positions.ts";
import { libraryNotFound } from "../engine/rows/libraries-table.ts";
import type { Followers } from "./replicas/followers.ts";

/** Milliseconds for which a read waits for the replica. */
const readTimeout = 5_000;

/** Reads of a library that see every write which had been acknowledged by any node, and no document that has expired. */
export class LibraryReads {
  readonly #positions: Positions;
  readonly #followers: Followers;
  readonly #writer: LogWriter;
  readonly replica: EmbeddedStore;

  constructor(parts: { positions: Positions; followers: Followers; writer: LogWriter; replica: EmbeddedStore }) {
    this.#positions = parts.positions;
    this.#followers = parts.followers;
    this.#writer = parts.writer;
    this.replica = parts.replica;
  }

  /** Runs a read of the replica once that is at the library's position. @throws ArrwError `library_not_found` */
  async read<Value>(libraryId: string, run: (replica: EmbeddedStore) => Promise<Value>): Promise<Value> {
    const seq = await this.position(libraryId);
    const follower = this.#followers.of(libraryId);
    if (!follower.isAt(seq)) await inTime(follower.reached(seq));
    return follower.read(() => run(this.replica));
  }

  /** The library's position, once its expired documents are deleted. @throws ArrwError `library_not_found` */
  async position(libraryId: string): Promise<number> {
    if (!isUuid(libraryId)) throw libraryNotFound(libraryId);
    let position = await this.#positions.ask(libraryId);
    if (position.hasExpired) {
      await deleteExpired(this.#writer, libraryId);
      position = await this.#positions.ask(libraryId);
    }
    return position.seq;
  }
}

/** @throws ArrwError `recovering` */
async function inTime(reached: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const message = "This node is still reading the library; retry soon, or on another node";
  const timer = setTimeout(() => reject(new ArrwError("recovering", message, { retryAfter: 1 })), readTimeout);
  try {
    await Promise.race([reached, late]);
  } finally {
    clearTimeout(timer);
  }
}
