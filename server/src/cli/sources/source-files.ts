import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { isUtf8 } from "node:buffer";
import { CommandError } from "../terminal/exit-codes.ts";
import { foreignFault } from "./foreign-bytes.ts";
import type { Format, Source } from "./ingest-source.ts";

/** What names files with these endings. */
const formatsByEnding: Readonly<Record<string, Format>> = {
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".md": "markdown",
  ".markdown": "markdown",
  ".txt": "text",
  ".text": "text",
  ".csv": "csv",
  ".tsv": "csv",
};

const knownEndings = Object.keys(formatsByEnding).join(", ");
/** Bytes that are sampled to detect whether a file is text. */
const sample = 8 * 1024;

export interface FoundFile {
  readonly sources: readonly Source[];
  /** Requested files that cannot be read, and why. */
  readonly faults: readonly string[];
  /** Files of folders that are in no format that is known. */
  readonly skipped: number;
}

/**
 * The sources that the paths name: files, all files below folders, and `-` for standard input. Folders are traversed in
 * the order of file names, so that a second run has the same order.
 *
 * @param format overrides the format of each file's extension
 * @throws CommandError if a path does not exist, or there is nothing to read
 */
export async function findSources(paths: readonly string[], format: Format | undefined): Promise<FoundFile> {
  const sources: Source[] = [];
  const faults: string[] = [];
  let skipped = 0;
  for (const path of paths) {
    if (path === "-") {
      sources.push({ name: "standard input", format: format ?? "ndjson", bytes: undefined, open: () => process.stdin });
      continue;
    }
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder ? await filesBelow(path) : [path];
    const before = sources.length + faults.length;
    for (const file of files) {
      const known = format ?? formatsByEnding[extname(file).toLowerCase()];
      if (known === undefined && isFolder) {
        skipped += 1;
        continue;
      }
      const found = await sourceOf(file, known);
      if (typeof found === "string") faults.push(`${file}: ${found}`);
      else sources.push(found);
    }
    if (isFolder && sources.length + faults.length === before) {
      faults.push(`${path}: this directory has no files of a known format (${knownEndings})`);
    }
  }
  return { sources, faults, skipped };
}

/** Files below a folder, but none that are hidden, or that belong to installed packages. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return files.flat().toSorted();
}

/** The file as a source, or why it is not supported. */
async function sourceOf(file: string, format: Format | undefined): Promise<Source | string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size === 0) return "is empty";
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sample), 0, sample, 0);
    const fault = binaryFault(buffer.subarray(0, bytesRead), bytesRead === size);
    if (fault !== undefined) return fault;
    if (format === undefined) return `has an unknown extension; set --format, or rename it (${knownEndings})`;
    return { name: file, format, bytes: size, open: () => createReadStream(file) };
  } finally {
    await handle.close();
  }
}

/** @param whole whether the bytes do not end in the middle of a character */
function binaryFault(bytes: Buffer, whole: boolean): string | undefined {
  const foreign = foreignFault(bytes);
  if (foreign !== undefined) return foreign;
  if (bytes.includes(0)) return "is not text (it has NUL bytes)";
  // Up to three bytes may belong to a character that is cut.
  const cuts = whole ? [0] : [0, 1, 2, 3];
  if (cuts.some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)))) return undefined;
  return "is not valid UTF-8; convert it first, for example with iconv";
}

/** Nothing at all can be read. @throws CommandError */
export function requireSources({ sources, faults }: FoundFile): void {
  if (sources.length > 0) return;
  throw new CommandError(faults.length > 0 ? faults.join("\n  ") : "There is nothing to ingest");
}
