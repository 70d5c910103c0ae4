import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Command } from "@commander-js/extra-typings";
import { createLibraryRequest, type Library, noEmbeddingModel } from "@arrwdb/protocol/model";
import type { ArrwClient } from "arrwdb-client";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { jsonOption, keyOption, urlOption } from "../command-options.ts";
import { CommandError, exitCodes } from "../terminal/exit-codes.ts";
import { plain, print, printJson, tell } from "../terminal/terminal-output.ts";
import { Progress } from "../terminal/progress-bar.ts";
import { checkExport, type ExportReading, readExport } from "../transfer/export-reading.ts";
import { importDocuments } from "../transfer/import-file.ts";

const details = `
The file is read to its end before anything is written: one that is cut off, changed or of another dimension than the
library is refused. Standard input cannot be read twice, so there only what comes before the first document is checked
first. Documents keep their ids, so importing again changes nothing but positions; times of creation are new.

Examples:
  $ arrwdb import help-centre.ndjson
  $ arrwdb import help-centre.ndjson --name "Help centre (copy)"
  $ arrwdb import help-centre.ndjson --into "Help centre" --url https://arrwdb.example.com`;

interface Options {
  readonly into?: string | undefined;
  readonly name?: string | undefined;
  readonly model?: string | undefined;
}

/** `arrwdb import`: what `arrwdb export` wrote, as a library of its own or into one that is there. */
export function addImport(program: Command, context: Context): void {
  program
    .command("import")
    .description("store an export, with its vectors and ids")
    .argument("<file>", "the export, or - for standard input")
    .option("--into <library>", "a library that is there, by its name or id; a new one is made where it is not given")
    .option("--name <name>", "the name of the new library, other than that of the export")
    .option(
      "--model <model>",
      `the embedding model of the new library, such as "none" where the server has not the old one`,
    )
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async (file, options) => {
      const { signal } = context;
      const name = file === "-" ? "standard input" : file;
      const total = file === "-" ? undefined : await checkFirst(file, options);
      const reading = await readExport(file === "-" ? process.stdin : createReadStream(file), name);
      const client = connect(options);
      const { library, isNew } = await targetOf(client, reading, options, signal);
      const handle = client.library(library.id);
      using progress = new Progress(total ?? 0, options.json !== true && total !== undefined);
      const counted = await importDocuments(handle, library, reading, {
        signal,
        onStored: (stored) => progress.update(stored, `${stored} documents`),
        onMessage: (message) => progress.tell(message),
      }).catch((cause: unknown) => {
        progress[Symbol.dispose]();
        const reason = cause instanceof Error ? cause.message : String(cause);
        const hint = `What was stored is in ${library.id}; go on with --into ${library.id}, or delete it.`;
        throw new CommandError(reason, { cause, hint });
      });
      progress[Symbol.dispose]();
      if (options.json === true) await printJson({ library: library.id, ...counted });
      else {
        tell(`${counted.documents} documents are in ${isNew ? "the new library " : ""}${plain(library.name)}`);
        await print(library.id);
      }
      if (counted.failed > 0) context.exitCode = exitCodes.partly.code;
    });
}

/** Reads a file once to see that it is whole. Returns how many documents there are. */
async function checkFirst(file: string, { into, name, model }: Options): Promise<number> {
  if (into !== undefined && (name ?? model) !== undefined) {
    throw new CommandError("--name and --model are for a new library; leave them out with --into", { exit: "usage" });
  }
  if ((await stat(file)).size === 0) throw new CommandError(`${file}: is empty`);
  return (await checkExport(createReadStream(file), file)).documents;
}

/** Where the documents go; refused before one is written where they do not fit. */
async function targetOf(
  client: ArrwClient,
  { library: exported }: ExportReading,
  { into, name, model }: Options,
  signal: AbortSignal,
): Promise<{ readonly library: Library; readonly isNew: boolean }> {
  if (into === undefined) return { library: await createLike(client, exported, { name, model }, signal), isNew: true };
  const library = await findLibrary(client, into, signal);
  if (library.dimension !== exported.dimension) {
    const dimensions = `the export has vectors of ${exported.dimension} numbers, but ${plain(library.name)} takes ${library.dimension}`;
    throw new CommandError(`dimension_mismatch: ${dimensions}; nothing was written`);
  }
  if (library.embedding_model !== exported.embedding_model && library.embedding_model !== noEmbeddingModel) {
    const models = `the vectors are of the model ${exported.embedding_model}, but ${plain(library.name)} has ${library.embedding_model}`;
    throw new CommandError(`${models}; vectors of two models cannot be compared, so nothing was written`);
  }
  return { library, isNew: false };
}

async function createLike(
  client: ArrwClient,
  exported: Library,
  { name = exported.name, model = exported.embedding_model }: Options,
  signal: AbortSignal,
): Promise<Library> {
  const { description, dimension, language, index, events } = exported;
  const request = { name, description, embedding_model: model, dimension, language, index, events };
  try {
    return await client.libraries.create(checked(createLibraryRequest, request), { signal });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = `Where this server has not the model ${model}, --model ${noEmbeddingModel} keeps the vectors and searches by vectors only.`;
    throw new CommandError(reason, { cause, hint });
  }
}
