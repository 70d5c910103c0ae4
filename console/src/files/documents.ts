import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import type { DocumentInput } from "arrwdb-client";
import { limits } from "@arrwdb/protocol/limits";
import { linesOf } from "./lines.ts";
import { Passages, passagesPerDocument } from "./passages.ts";

interface Place {
  /** The line that it is on, or begins on. */
  readonly line: number;
  /** Bytes of the file up to here. */
  readonly end: number;
}
type Content = { readonly document: DocumentInput } | { readonly fault: string };

/** One document of a file, or why a line is not valid. */
export type FileEntry = Place & Content;

export const acceptedFiles = ".ndjson,.jsonl,.md,.markdown,.txt,.text,.log";

/** The kind of a file, by its extension; undefined if the console cannot read it. */
export function kindOf(name: string): "ndjson" | "markdown" | "text" | undefined {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (["ndjson", "jsonl"].includes(ending)) return "ndjson";
  if (["md", "markdown"].includes(ending)) return "markdown";
  return ["txt", "text", "log"].includes(ending) ? "text" : undefined;
}

/** The documents of a file, read on demand. @throws BinaryFileError */
export function documentsOf(file: File): AsyncGenerator<FileEntry, undefined> {
  const kind = kindOf(file.name);
  if (kind === "ndjson") return ndjson(file);
  return prose(file, kind === "markdown");
}

async function* ndjson(file: File): AsyncGenerator<FileEntry, undefined> {
  for await (const { number: line, text, end } of linesOf(file)) {
    if (text === undefined) {
      yield { line, end, fault: `is longer than the maximum of ${limits.lineBytes} bytes` };
    } else if (text.trim() !== "") {
      yield { line, end, ...parse(text) };
    }
  }
}

function parse(text: string): Content {
  try {
    const document: DocumentInput | null = parseExactly(text);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return { document };
    return { fault: 'is not a document: each line must be an object such as {"title": "…", "text": "…"}' };
  } catch (error) {
    return { fault: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Markdown by its headings, a document each; text in parts. Code is omitted, as semantic search does not find it. */
async function* prose(file: File, markdown: boolean): AsyncGenerator<FileEntry, undefined> {
  const passages = new Passages();
  const name = file.name.slice(0, limits.shortText / 2);
  let page = "";
  let heading = "";
  let part = 1;
  let first = 1;
  let end = 0;
  let code = false;

  const finish = function* (nextLine: number): Generator<FileEntry, undefined> {
    const texts = passages.take();
    if (texts.length > 0) {
      const titles = [page === "" ? name : page, heading === page ? "" : heading].filter((title) => title !== "");
      const title = titles.join(" – ") + (part > 1 ? `, part ${part}` : "");
      const spoken = heading === "" ? texts : texts.map((text) => `${heading}: ${text}`);
      yield {
        line: first,
        end,
        document: { title, texts: [...spoken], document_type: file.type || "text", file: name },
      };
    }
    first = nextLine;
  };

  for await (const line of linesOf(file)) {
    const text = line.text ?? "";
    const isFence = markdown && text.trimStart().startsWith("```");
    if (isFence) code = !code;
    const found = markdown && !code ? /^#{1,6}\s+(.+)$/.exec(text)?.[1] : undefined;
    if (found !== undefined) {
      yield* finish(line.number);
      part = 1;
      heading = found.replaceAll(/[*`]/g, "").slice(0, limits.shortText / 3);
      if (page === "") page = heading;
    } else if (!isFence && !code) {
      passages.add(markdown ? plain(text) : text);
      if (passages.size > passagesPerDocument) {
        yield* finish(line.number + 1);
        part += 1;
      }
    }
    end = line.end;
  }
  yield* finish(0);
}

/** A line of Markdown without markup that only a renderer needs. */
function plain(line: string): string {
  if (/^\s*\|[\s:|-]+\|\s*$/.test(line)) return "";
  return line
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll(/\*\*|`/g, "")
    .replaceAll(/\s*\|\s*/g, " ");
}
