import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { integer, text } from "../../engine/rows/row-values.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";
import { only } from "../database/postgres-database.ts";
import type { OwnCommit } from "../log/log-writer.ts";
import { LibraryFollower, type ReplicaTarget } from "./library-follower.ts";

/** Milliseconds between looks for changes whose hint was lost. */
const lookEvery = 1_000;

const readTotals = {
  name: "position-totals",
  text: "SELECT count(*) AS libraries, coalesce(sum(seq), 0)::bigint AS seqs FROM arrwdb.libraries WHERE deleted_at IS NULL",
};
const readAll = { name: "all-positions", text: "SELECT library, seq FROM arrwdb.libraries" };

export interface FollowersOptions {
  readonly database: PostgresDatabase;
  readonly replica: ReplicaTarget;
  readonly publish: (events: readonly LibraryEvent[]) => void;
  /** Maximum number of documents that are read at a time. */
  readonly documentsAtOnce: number;
  readonly onError: (error: unknown) => void;
}

/** A follower for each library, so that this node hears of all changes. */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #followers = new Map<string, LibraryFollower>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** Begins with the libraries that there are. @param replicas those that are copied here already */
  async begin(replicas: readonly { readonly id: string; readonly seq: number }[]): Promise<void> {
    const rows = await this.#options.database.run(readAll);
    const known = new Map(replicas.map(({ id, seq }) => [id, seq]));
    for (const row of rows) {
      const [id, seq] = [text(row, "library"), integer(row, "seq")];
      const replicated = known.get(id);
      known.delete(id);
      // A copy that was never complete, or is ahead of what is stored, is made anew.
      const isUsable = replicated !== undefined && replicated > 0 && replicated <= seq;
      if (replicated !== undefined && !isUsable) await this.#options.replica.drop(id);
      this.#add(id, seq, isUsable ? replicated : undefined);
    }
    for (const id of known.keys()) await this.#options.replica.drop(id);
    this.#lookLater();
  }

  /** The follower of a library, which may have been created just now by any node. */
  of(libraryId: string): LibraryFollower {
    return this.#followers.get(libraryId) ?? this.#add(libraryId, 0, undefined);
  }

  committed(commit: OwnCommit): Promise<void> {
    return this.of(commit.libraryId).committed(commit);
  }

  /** Looks for changes that were not told. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #add(libraryId: string, published: number, replicated: number | undefined): LibraryFollower {
    const follower = new LibraryFollower({ ...this.#options, libraryId, published, replicated });
    this.#followers.set(libraryId, follower);
    return follower;
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.look().finally(() => this.#lookLater()), lookEvery).unref();
  }

  /** Mostly one row tells that nothing was missed. */
  async #look(): Promise<void> {
    const { database } = this.#options;
    const totals = only(await database.run(readTotals));
    const published = this.#followers.values().reduce((sum, follower) => sum + follower.published, 0);
    if (integer(totals, "libraries") === this.#followers.size && integer(totals, "seqs") === published) return;
    for (const row of await database.run(readAll)) this.of(text(row, "library")).heard(integer(row, "seq"));
  }
}
