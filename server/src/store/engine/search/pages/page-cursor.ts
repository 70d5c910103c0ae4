import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** A place in a ranking that is kept. */
export interface RankedPlace {
  readonly libraryId: string;
  /** The ranking's id, a random UUID, so that cursors cannot be guessed. */
  readonly rankingId: string;
  /** Number of the ranking's hits before it. */
  readonly from: number;
}

const uuidBytes = 16;
const uuidParts = [8, 4, 4, 4, 12];

/** The cursor of a place: opaque to clients, and always the same, so that a page can be asked for again. */
export function pageCursor({ libraryId, rankingId, from }: RankedPlace): string {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(from);
  return Buffer.concat([bytesOf(libraryId), bytesOf(rankingId), place]).toString("base64url");
}

/** @throws ArrwError `invalid_cursor` if it is no cursor of a search of this library */
export function placeOf(libraryId: string, cursor: string): RankedPlace {
  const bytes = Buffer.from(cursor, "base64url");
  // Decoding is lenient, so the cursor is compared with its canonical encoding.
  if (bytes.length !== 2 * uuidBytes + 4 || bytes.toString("base64url") !== cursor) {
    throw invalidCursor("was not returned by a search");
  }
  const place = {
    libraryId: uuidOf(bytes.subarray(0, uuidBytes)),
    rankingId: uuidOf(bytes.subarray(uuidBytes, 2 * uuidBytes)),
    from: bytes.readUInt32BE(2 * uuidBytes),
  };
  if (place.libraryId !== libraryId) throw invalidCursor("belongs to a search of another library");
  return place;
}

export const invalidCursor = (why: string) =>
  new ArrwError("invalid_cursor", `cursor: ${why}; start with a search without a cursor`, { field: "cursor" });

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll("-", ""), "hex");

function uuidOf(bytes: Buffer): string {
  const digits = bytes.toString("hex");
  let from = 0;
  return uuidParts.map((length) => digits.slice(from, (from += length))).join("-");
}
