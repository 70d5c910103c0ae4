import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Command } from "@commander-js/extra-typings";
import { createLibraryRequest, type Library, noEmbeddingModel } from "@arrwdb/protocol/documents/model";
import { type ArrwClient, ArrwClientError } from "arrwdb-client";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer } from "../command-options.ts";
import { CommandError, exitCodes } from "../terminal/exit-codes.ts";
import { plain, print, printJson, tell } from "../terminal/terminal-output.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { checkExport, type ExportReading, type ImportedLibrary, readExport } from "../transfer/export-reading.ts";
import { checkPythonExport, isPythonExport, pythonDocumentsOf } from "../transfer/python-export.ts";
import { importDocuments } from "../transfer/import-file.ts";
import { counted } from "../terminal/units.ts";

const details = `
The whole file is checked before anything is written: if it is truncated, modified, or of a different dimension than the
library, it is rejected. Standard input cannot be read twice, so only its first line is checked beforehand. Documents
keep their ids, so importing again changes only positions; creation times are new.

A library of the Python server, as GET /v1/libraries/ID there returns it, is imported too; the time of a document's
creation becomes its metadata.created_at.

Examples:
  $ arrwdb import help-centre.ndjson
  $ arrwdb import help-centre.ndjson --name "Help centre (copy)"
  $ arrwdb import python-library.json --model none
  $ arrwdb import help-centre.ndjson --into "Help centre" --url https://arrwdb.example.com`;

interface Options {
  readonly into?: string | undefined;
  readonly name?: string | undefined;
  readonly model?: string | undefined;
}

/** `arrwdb import`: imports the output of `arrwdb export`, as a new library or into an existing one. */
export function addImport(program: Command, context: Context): void {
  askingServer(
    program
      .command("import")
      .description("store an export, with its vectors and ids")
      .argument("<file>", "the export, or - for standard input")
      .option("--into <library>", "import into this existing library, by name or id (default: create a new one)")
      .option("--name <name>", "the name of the new library (default: the name in the export)")
      .option(
        "--model <model>",
        `the embedding model of the new library, such as "none" if the server does not have the original one`,
      ),
  )
    .addHelpText("after", details)
    .action(async (file, options) => {
      const { signal } = context;
      const name = file === "-" ? "standard input" : file;
      const first = file === "-" ? undefined : await checkFirst(file, options);
      const total = first?.documents;
      const reading = first?.reading ?? (await readExport(process.stdin, name));
      const client = connect(options);
      const { library, isNew } = await targetOf(client, reading, options, signal);
      const handle = client.library(library.id);
      using progress = new ProgressBar(total ?? 0, options.json !== true && total !== undefined);
      const stored = await importDocuments(handle, library, reading, {
        signal,
        onStored: (count) => progress.update(count, counted(count, "document")),
        onMessage: (message) => progress.tell(message),
      }).catch((cause: unknown) => {
        progress[Symbol.dispose]();
        const reason = cause instanceof Error ? cause.message : String(cause);
        const hint = `What was stored is in ${library.id}; continue with --into ${library.id}, or delete it.`;
        throw new CommandError(reason, { cause, hint });
      });
      progress[Symbol.dispose]();
      if (options.json === true) await printJson({ library: library.id, ...stored });
      else {
        tell(
          `Imported ${counted(stored.documents, "document")} into ${isNew ? "the new library " : ""}${plain(library.name)}`,
        );
        await print(library.id);
      }
      if (stored.failed > 0) context.exitCode = exitCodes.partly.code;
    });
}

interface CheckedFile {
  readonly documents: number;
  readonly reading: ExportReading;
}

/** Reads a file once to verify that it is complete, and opens it again. */
async function checkFirst(file: string, { into, name, model }: Options): Promise<CheckedFile> {
  if (into !== undefined && (name ?? model) !== undefined) {
    throw new CommandError("--name and --model apply only to a new library; omit them with --into", { exit: "usage" });
  }
  if ((await stat(file)).size === 0) throw new CommandError(`${file}: is empty`);
  const open = () => createReadStream(file);
  if (await isPythonExport(open)) {
    const { library, documents } = await checkPythonExport(open, file);
    return { documents, reading: { library, documents: pythonDocumentsOf(open, file) } };
  }
  const { documents } = await checkExport(open(), file);
  return { documents, reading: await readExport(open(), file) };
}

/** The target library; throws before the first write if the documents do not fit. */
async function targetOf(
  client: ArrwClient,
  { library: exported }: ExportReading,
  { into, name, model }: Options,
  signal: AbortSignal,
): Promise<{ readonly library: Library; readonly isNew: boolean }> {
  if (into === undefined) return { library: await createLike(client, exported, { name, model }, signal), isNew: true };
  const library = await findLibrary(client, into, signal);
  if (library.dimension !== exported.dimension) {
    const dimensions = `the export has ${exported.dimension}-dimensional vectors, but the dimension of ${plain(library.name)} is ${library.dimension}`;
    throw new CommandError(`dimension_mismatch: ${dimensions}; nothing was written`);
  }
  if (library.embedding_model !== exported.embedding_model && library.embedding_model !== noEmbeddingModel) {
    const models = `the vectors are from the model ${exported.embedding_model}, but ${plain(library.name)} uses ${library.embedding_model}`;
    throw new CommandError(`${models}; vectors from different models cannot be compared, so nothing was written`);
  }
  return { library, isNew: false };
}

async function createLike(
  client: ArrwClient,
  exported: ImportedLibrary,
  { name = exported.name, model = exported.embedding_model }: Options,
  signal: AbortSignal,
): Promise<Library> {
  const { description, dimension, language, index, events } = exported;
  const request = { name, description, embedding_model: model, dimension, language, index, events };
  try {
    return await client.libraries.create(checked(createLibraryRequest, request), { signal });
  } catch (cause) {
    if (!(cause instanceof ArrwClientError) || cause.code !== "embedder_unavailable") throw cause;
    const reason = cause.message;
    const hint = `If this server does not have the model ${model}, --model ${noEmbeddingModel} imports the vectors, and searches then need vectors.`;
    throw new CommandError(reason, { cause, hint });
  }
}
