import type { Forgetting } from "./retention.ts";
import type { Tables } from "../tables/tables.ts";

/** Rows deleted per transaction. */
const slice = 500;

/** Deletes expired uploads with their receipts. */
export class UploadRetention implements Forgetting {
  readonly #tables: Tables;
  readonly #lifetime: number;
  #due = true;

  constructor(tables: Tables, lifetime: number) {
    this.#tables = tables;
    this.#lifetime = lifetime;
  }

  allDue(): void {
    this.#due = true;
  }

  get pending(): boolean {
    return this.#due;
  }

  work(now: Date): boolean {
    const { uploads } = this.#tables;
    const settled = uploads.settle(now.getTime(), slice);
    const keys = uploads.expired(now.getTime() - this.#lifetime, slice);
    this.#due = removeUploads(this.#tables, keys, slice) + settled > 0;
    return this.#due;
  }
}

/** Deletes up to so many rows of uploads and receipts, within the caller's transaction; returns how many. */
export function removeUploads({ uploads, receipts }: Tables, keys: readonly number[], limit: number): number {
  let left = limit;
  for (const key of keys) {
    // An upload with only some of its receipts would be wrong, so it can no longer be found from here on.
    uploads.unname(key);
    left -= receipts.remove(key, left);
    if (left === 0) break;
    uploads.remove(key);
    left--;
    if (left === 0) break;
  }
  return limit - left;
}
