import { ArrwError } from "@arrwdb/protocol/errors";

/** A place in a list: the key of the last row that was given. Clients take it as it is. */
export function encodeCursor(key: number): string {
  return Buffer.from(`k${key}`).toString("base64url");
}

/** The key to go on after; 0 for the beginning. @throws ArrwError `invalid_cursor` */
export function decodeCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const key = /^k([0-9]{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (key !== undefined) return Number(key);
  throw new ArrwError("invalid_cursor", "cursor: did not come from this list; begin without one", { field: "cursor" });
}
