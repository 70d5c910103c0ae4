import { randomUUID } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { LogTruncationPause } from "../long/log-truncation-pause.ts";
import type { SearchReader } from "../search-reader.ts";
import type { StoreSearch } from "../../../search-store.ts";
import { invalidCursor, placeOf } from "./page-cursor.ts";
import type { RankedHits } from "./ranked-hits.ts";

/** Maximum number of rankings that are kept, each with an old snapshot of the database, and of one caller's. */
const mostKept = 64;
const mostOfCaller = 8;
/** Milliseconds for which a ranking is kept in all, and after its last page was read, in case that is asked for again. */
const lifetime = 5 * 60_000;
const afterLast = 10_000;
/** Maximum number of documents per library of which it is known that they expired. */
const mostExpired = 100_000;

/** What pages are read from: a search's hits, and the state of the database that it found them in. */
export interface PagedRanking {
  readonly libraryId: string;
  readonly caller: string | undefined;
  readonly search: StoreSearch;
  readonly hits: RankedHits;
  /** Whether more match. */
  readonly truncated: boolean;
  readonly exact: boolean;
  readonly seq: number;
}

/** A ranking that is kept. */
export interface KeptRanking extends PagedRanking {
  readonly id: string;
  readonly reader: SearchReader;
}

interface SharedSnapshot {
  readonly reader: SearchReader;
  /** Rankings, and pages that are being read. */
  users: number;
}

interface Kept {
  readonly ranking: KeptRanking;
  readonly snapshot: SharedSnapshot;
  readonly latest: number;
  until: number;
  /** Whether its last page was read. */
  isDone: boolean;
}

export interface KeptRankingsOptions {
  /** Milliseconds without use after which a ranking is let go. */
  readonly idle: number;
  /** Size of the write-ahead log, in pages, at which all are let go, as it cannot be reset before. */
  readonly longLog: number;
  /** Its size now. */
  readonly logPages: () => number;
  /** Takes back a reader. */
  readonly release: (reader: SearchReader) => void;
}

/**
 * The rankings of searches whose pages are being read. Each keeps the snapshot of the database that it was made from, shared
 * by those of the same moment, so that pages show that state whatever is written meanwhile. As SQLite cannot reset its log
 * until then, none is kept for long. They give way to others of the same caller, then of whoever has the most: those whose
 * last page was read first, then the least recently used. All of them give way to a log that has become long.
 */
export class KeptRankings {
  readonly #options: KeptRankingsOptions;
  readonly #pause: LogTruncationPause;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  /** By the number of their last commit. */
  readonly #snapshots = new Map<number, SharedSnapshot>();
  /** The positions at which documents expired, by library and document, since its first ranking was kept. */
  readonly #expired = new Map<string, Map<string, number>>();
  #isPausing = false;

  constructor(options: KeptRankingsOptions) {
    this.#options = options;
    this.#pause = new LogTruncationPause(options.logPages, options.longLog);
  }

  /** Whether none should be made now, so that the log can be reset. */
  get isPausing(): boolean {
    return this.#isPausing;
  }

  /** Whether any snapshot is kept. */
  get isHolding(): boolean {
    return this.#snapshots.size > 0;
  }

  /** Whether it reads a snapshot that is kept. */
  holds(reader: SearchReader): boolean {
    return this.#snapshots.get(reader.hits.snapshot)?.reader === reader;
  }

  /** Keeps a ranking and, unless that is kept already, the snapshot that the reader sees. */
  keep(reader: SearchReader, ranking: PagedRanking): KeptRanking {
    this.#makeRoom(ranking.caller);
    const commit = reader.hits.snapshot;
    let snapshot = this.#snapshots.get(commit);
    if (snapshot === undefined) {
      snapshot = { reader, users: 0 };
      this.#snapshots.set(commit, snapshot);
      reader.shrink();
    }
    snapshot.users++;
    const kept = { ...ranking, id: randomUUID(), reader: snapshot.reader };
    const now = performance.now();
    this.#kept.set(kept.id, {
      ranking: kept,
      snapshot,
      latest: now + lifetime,
      until: now + this.#options.idle,
      isDone: false,
    });
    return kept;
  }

  /**
   * The ranking that a cursor continues, and its place.
   *
   * @throws ArrwError `invalid_cursor`, `cursor_expired`
   */
  find(libraryId: string, cursor: string): { readonly ranking: KeptRanking; readonly from: number } {
    const { rankingId, from } = placeOf(libraryId, cursor);
    const kept = this.#kept.get(rankingId);
    if (kept === undefined || kept.until < performance.now()) throw expired(this.#options.idle);
    if (from >= kept.ranking.hits.length) throw invalidCursor("was not returned by a search");
    return { ranking: kept.ranking, from };
  }

  /** Begins to read a page; the snapshot is kept until the returned function is called, with whether it was the last page. */
  use({ id }: KeptRanking): (isLast: boolean) => void {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw expired(this.#options.idle);
    const { snapshot, latest } = kept;
    snapshot.users++;
    return (isLast) => {
      kept.isDone ||= isLast;
      kept.until = Math.min(
        latest,
        performance.now() + (kept.isDone ? Math.min(afterLast, this.#options.idle) : this.#options.idle),
      );
      if (this.#kept.delete(id)) this.#kept.set(id, kept);
      this.#leave(snapshot);
    };
  }

  /** Which documents of the ranking have expired since it was made; undefined if none has. */
  expiredSince({ libraryId, seq }: PagedRanking): ((documentId: string) => boolean) | undefined {
    const expiries = this.#expired.get(libraryId);
    return expiries && ((documentId) => (expiries.get(documentId) ?? 0) > seq);
  }

  /** A document of the library expired at this position: no page shows it from now on. */
  expire(libraryId: string, documentId: string, seq: number): void {
    if (!this.#of(libraryId).some(() => true)) return;
    const expiries = this.#expired.get(libraryId) ?? new Map<string, number>();
    this.#expired.set(libraryId, expiries.set(documentId, seq));
    if (expiries.size > mostExpired) this.forget(libraryId);
  }

  /** Lets go of those of a library. */
  forget(libraryId: string): void {
    for (const kept of this.#of(libraryId)) this.#drop(kept);
  }

  /** Lets go of those that were unused for long, and of all if the log is long. */
  sweep(): void {
    if (!this.isHolding && !this.#isPausing) return;
    const now = performance.now();
    this.#isPausing = this.#pause.isDue(this.#snapshots.size);
    for (const kept of this.#kept.values()) if (this.#isPausing || kept.until < now) this.#drop(kept);
  }

  close(): void {
    for (const kept of this.#kept.values()) this.#drop(kept);
  }

  #of(libraryId: string): IteratorObject<Kept> {
    return this.#kept.values().filter(({ ranking }) => ranking.libraryId === libraryId);
  }

  #makeRoom(caller: string | undefined): void {
    const counts = new Map<string | undefined, number>();
    for (const { ranking } of this.#kept.values()) counts.set(ranking.caller, (counts.get(ranking.caller) ?? 0) + 1);
    if ((counts.get(caller) ?? 0) >= mostOfCaller) this.#dropOldest(caller);
    else if (this.#kept.size >= mostKept) {
      const [[most] = []] = [...counts].toSorted(([, a], [, b]) => b - a);
      this.#dropOldest(most);
    }
  }

  #dropOldest(caller: string | undefined): void {
    const own = this.#kept
      .values()
      .filter(({ ranking }) => ranking.caller === caller)
      .toArray();
    const first = own.find(({ isDone }) => isDone) ?? own[0];
    if (first !== undefined) this.#drop(first);
  }

  #drop({ ranking: { id, libraryId }, snapshot }: Kept): void {
    if (!this.#kept.delete(id)) return;
    if (!this.#of(libraryId).some(() => true)) this.#expired.delete(libraryId);
    this.#leave(snapshot);
  }

  #leave(snapshot: SharedSnapshot): void {
    if (--snapshot.users > 0) return;
    this.#snapshots.delete(snapshot.reader.hits.snapshot);
    this.#options.release(snapshot.reader);
  }
}

function expired(idle: number): ArrwError {
  const message = `cursor: the search that it continues is not kept any more: after ${idle / 1000} seconds without use, ${lifetime / 60_000} minutes, many writes, further searches of the same client or a restart of the server; search again`;
  return new ArrwError("cursor_expired", message, { field: "cursor" });
}
