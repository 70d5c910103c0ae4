import { createHash } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { z } from "zod";
import type { DocumentSort, SortedDocument } from "../../document-sort.ts";

const content = z.tuple([
  z.int(),
  z.string(),
  z.int().min(0),
  z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null()]),
]);

/**
 * Positions in one list of documents: the library, a hash of filter and order, and the last document returned with the value
 * that it was sorted by. Opaque to clients.
 */
export class ListCursor {
  readonly #library: number;
  readonly #list: string;

  constructor(library: number, filter: Filter | undefined, sort: DocumentSort | undefined) {
    this.#library = library;
    const list = stringifyExactly([filter ?? {}, sort?.field ?? null, sort?.descending ?? false]);
    this.#list = createHash("sha256").update(list).digest("base64url").slice(0, 16);
  }

  encode({ key, value }: SortedDocument): string {
    return encoded([this.#library, this.#list, key, value ?? null]);
  }

  /** @throws ArrwError `invalid_cursor` */
  decode(cursor: string): SortedDocument {
    const [library, list, key, value] = contentOf(cursor);
    if (library !== this.#library) throw invalid("belongs to another library");
    if (list !== this.#list) throw invalid("belongs to a list with another metadata_filter or sort");
    return { key, value: value ?? undefined };
  }
}

function contentOf(cursor: string): z.output<typeof content> {
  try {
    const parsed = content.parse(parseExactly(Buffer.from(cursor, "base64url").toString()));
    // Decoding is lenient, so the cursor is compared with its canonical encoding.
    if (encoded(parsed) === cursor) return parsed;
  } catch {
    // It is no cursor of any list.
  }
  throw invalid("was not returned by this list");
}

const encoded = (parts: z.output<typeof content>) => Buffer.from(stringifyExactly(parts)).toString("base64url");

const invalid = (why: string) =>
  new ArrwError("invalid_cursor", `cursor: ${why}; start without a cursor`, { field: "cursor" });
