/**
 * Prints the changes to a library. The position is stored in a file, so that the next run starts with what happened
 * meanwhile: stop it, change something, start it again.
 *
 *   npx node examples/document-monitor.ts [--url http://localhost:8000] [--library ID] [--file monitor.json]
 *
 * Without --library it continues with the library of the file; if there is no file yet, it creates a library with
 * sample documents. Stop it with Ctrl-C.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ArrwClient, ArrwClientError, type LibraryEvent } from "arrwdb-client";

/** The contents of the file. */
interface Progress {
  readonly library: string;
  /** Everything up to here has been printed. */
  readonly position: number;
}

const samples = [
  { title: "Opening hours", author: "Ada", text: "We answer from nine to five." },
  { title: "Holidays", author: "Ben", text: "The office is closed on public holidays." },
];

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:8000" },
    library: { type: "string" },
    file: { type: "string", default: "monitor.json" },
  },
});
const client = new ArrwClient({ url: values.url });
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());

async function load(): Promise<Progress | undefined> {
  try {
    const progress: Progress = JSON.parse(await readFile(values.file, "utf8"));
    return values.library === undefined || values.library === progress.library ? progress : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The file is complete at any moment: either the old or the new version. */
async function save(progress: Progress): Promise<void> {
  await writeFile(`${values.file}.new`, JSON.stringify(progress));
  await rename(`${values.file}.new`, values.file);
}

async function sampleLibrary(): Promise<string> {
  const { id } = await client.libraries.create({ name: "Office (example)" });
  for await (const result of client.library(id).ingest(samples)) {
    if (!result.success) throw new Error(result.error);
  }
  return id;
}

function print({ seq, timestamp, type, data }: LibraryEvent): void {
  const what = "title" in data ? data.title : "name" in data ? data.name : "";
  console.log(`${seq}  ${timestamp}  ${type}  ${what}`);
}

/** Prints the events after the position, until it is stopped or cannot continue. */
async function follow({ library, position }: Progress): Promise<void> {
  const feed = client.library(library).events({ from: position, signal: stop.signal });
  try {
    for await (const event of feed) {
      print(event);
      await save({ library, position: event.seq });
    }
  } catch (error) {
    if (error instanceof ArrwClientError && error.code === "position_expired" && error.earliestSeq !== undefined) {
      console.log(`events ${position + 1} to ${error.earliestSeq} have expired`);
      return follow({ library, position: error.earliestSeq });
    }
    if (!stop.signal.aborted) throw error;
    console.log(`stopped at ${feed.position ?? position}`);
  }
}

const known = await load();
const library = known?.library ?? values.library ?? (await sampleLibrary());
// For a new library it prints all events that are kept.
const progress = known ?? { library, position: 0 };
console.log(`library ${library} from ${progress.position}`);
try {
  await follow(progress);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  client.close();
}
