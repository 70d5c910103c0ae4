import { ArrwError } from "@arrwdb/protocol/errors";

/** A place in a list: the list's name and the key of the last row that was given. Clients take it as it is. */
export function encodeCursor(list: string, key: number): string {
  return Buffer.from(`${list}:${key}`).toString("base64url");
}

/** The key to go on after; 0 for the beginning. @throws ArrwError `invalid_cursor` */
export function decodeCursor(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const digits = /:([0-9]{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  // Decoding is lenient, so the cursor has to be the very one that this list gives.
  if (digits !== undefined && cursor === encodeCursor(list, Number(digits))) return Number(digits);
  throw new ArrwError("invalid_cursor", "cursor: was not returned by this list; start without a cursor", {
    field: "cursor",
  });
}
