import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { ReembeddingStore } from "../reembedding-store.ts";

const refused = (): Promise<never> =>
  Promise.reject(new ArrwError("storage_failed", "Libraries in PostgreSQL cannot be re-embedded yet"));
const none = (): Promise<never> =>
  Promise.reject(new ArrwError("reembedding_not_found", "The library was never re-embedded"));

/** Of a store whose libraries keep their models. */
export class NoReembeddings implements ReembeddingStore {
  readonly begin = refused;
  readonly get = none;
  readonly running = async () => [];
  readonly next = none;
  readonly keep = none;
  readonly prepare = none;
  readonly changeOver = none;
  readonly end = none;
}
