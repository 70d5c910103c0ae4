import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { uuid } from "@arrwdb/protocol/text";
import type { McpDatabase } from "./mcp-database.ts";

/** Pages of libraries that are looked through for a name. */
const pages = 10;

/**
 * The id of the library with this id or name.
 *
 * @throws ArrwError `library_not_found`, or `validation_failed` if several have the name
 */
export async function findLibrary(database: McpDatabase, named: string, signal: AbortSignal): Promise<string> {
  const id = uuid.safeParse(named);
  if (id.success) return id.data;
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page++) {
    const { libraries, next_cursor } = await database.libraries({ limit: limits.pageSize, cursor }, signal);
    found.push(...libraries.filter(({ name }) => name === named).map((library) => library.id));
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  const [first, second] = found;
  if (first === undefined) throw new ArrwError("library_not_found", `There is no library named "${named}"`);
  if (second === undefined) return first;
  const message = `library: ${found.length} libraries are named "${named}"; use one of their ids: ${found.slice(0, 5).join(", ")}`;
  throw new ArrwError("validation_failed", message, { field: "library" });
}
