import { ArrwClientError } from "../errors.ts";
import type { Http } from "./http.ts";
import type { RequestOptions } from "../options.ts";
import type { ExportLine } from "../wire.ts";

/** The lines of an export, which throws if incomplete. */
export async function* exportLibrary(
  http: Http,
  path: string,
  options: RequestOptions,
): AsyncGenerator<ExportLine, undefined> {
  for await (const value of http.lines(path, options)) {
    const line: ExportLine = Object(value);
    if (!("summary" in line)) {
      yield line;
      continue;
    }
    const { aborted } = line.summary;
    if (aborted !== undefined) throw new ArrwClientError(aborted.error_code, aborted.error);
    yield line;
    return;
  }
  throw new ArrwClientError("network", "The export was cut off; start again");
}
