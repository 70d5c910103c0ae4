import { Slice } from "../../../scheduling/slice.ts";
import type { LogWriter } from "../log/log-writer.ts";

/** Documents that are deleted in one transaction. */
const documentsAtOnce = 256;

/** Deletes the library's documents that have expired by the clock of PostgreSQL. @throws ArrwError */
export async function deleteExpired(writer: LogWriter, libraryId: string): Promise<void> {
  let deleted: number;
  do {
    deleted = await writer.write(libraryId, {
      needs: { expired: documentsAtOnce },
      documents: documentsAtOnce,
      bytes: 0,
      decide: (decision, now) => {
        const before = decision.events.length;
        decision.expireDocuments(libraryId, now.getTime(), new Slice(Infinity));
        return decision.events.length - before;
      },
    });
  } while (deleted >= documentsAtOnce);
}
