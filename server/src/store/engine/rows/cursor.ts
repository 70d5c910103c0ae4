import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** A position in a list: the list's name and the key of the last row returned. Opaque to clients. */
export function encodeCursor(list: string, key: number): string {
  return Buffer.from(`${list}:${key}`).toString("base64url");
}

/** The key to continue after; 0 for the beginning. @throws ArrwError `invalid_cursor` */
export function decodeCursor(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const digits = /:([0-9]{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  // Decoding is lenient, so the cursor is compared with its canonical encoding.
  if (digits !== undefined && cursor === encodeCursor(list, Number(digits))) return Number(digits);
  throw new ArrwError("invalid_cursor", "cursor: was not returned by this list; start without a cursor", {
    field: "cursor",
  });
}
