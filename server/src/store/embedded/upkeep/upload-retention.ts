import type { Forgetting } from "./retention.ts";
import type { Tables } from "../tables/tables.ts";

/** Rows that are removed in one transaction. */
const slice = 500;

/** Forgets the uploads that were not used for too long, with their receipts. */
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

/** Removes so many rows of uploads and their receipts at the most, within the caller's transaction; tells how many. */
export function removeUploads({ uploads, receipts }: Tables, keys: readonly number[], limit: number): number {
  let left = limit;
  for (const key of keys) {
    // Half of its receipts are worse than none, so it is not found from here on.
    uploads.unname(key);
    left -= receipts.remove(key, left);
    if (left === 0) break;
    uploads.remove(key);
    left--;
    if (left === 0) break;
  }
  return limit - left;
}
