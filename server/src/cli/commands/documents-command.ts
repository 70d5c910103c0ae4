import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Command, Option } from "@commander-js/extra-typings";
import { documentInput } from "@arrwdb/protocol/documents/model";
import { documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import type { DocumentSummary } from "arrwdb-client";
import type { z } from "zod";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, filterOption, wholeNumber } from "../command-options.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { plain, print, printJson, shownValue, style, tell } from "../terminal/terminal-output.ts";
import { table } from "../terminal/text-table-output.ts";
import { counted } from "../terminal/units.ts";
import { addDocumentPatch } from "./document-patch-command.ts";
import { addDocumentDeletion } from "./document-deletion-command.ts";

/** `arrwdb documents`: list, count, get, put, patch, delete. */
export function addDocuments(program: Command, context: Context): void {
  const documents = program.command("documents").description("list, count, show, store, patch and delete documents");
  addList(documents, context);
  addCount(documents, context);
  addGet(documents, context);
  addPut(documents, context);
  addDocumentPatch(documents, context);
  addDocumentDeletion(documents, context);
}

/** Rows of a table that are printed together; a longer list is printed in several tables. */
const rowsAtOnce = 1_000;

function addList(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("list")
      .description("list documents without their texts, in the order in which they were first added")
      .argument("<library>", "the library's name or id")
      .addOption(filterOption())
      .option("--sort <field>", "sort by a field; in descending order after a minus sign: --sort=-created_at")
      .addOption(
        new Option("--limit <number>", "maximum number of documents (default: all)").argParser(
          wholeNumber(1, Number.MAX_SAFE_INTEGER),
        ),
      ),
  )
    .addHelpText(
      "after",
      `\nExamples:\n  $ arrwdb documents list "Help centre" --filter '{"author": "Ada"}'\n  $ arrwdb documents list "Help centre" --sort=-created_at --limit 10 --json | jq -r .id`,
    )
    .action(async (given, { filter, sort, limit = Infinity, json, ...connection }) => {
      const { metadata_filter } = checked(documentQueryRequest, { metadata_filter: filter, sort });
      const library = await openLibrary(connect(connection), given, context.signal);
      const rows: string[][] = [];
      let count = 0;
      for await (const document of library.documents({ metadata_filter, sort, signal: context.signal })) {
        if (json === true) await printJson(document);
        else if (rows.push(rowOf(document)) === rowsAtOnce) await print(tableOf(rows.splice(0)));
        if (++count >= limit) break;
      }
      if (rows.length > 0) await print(tableOf(rows));
      if (json !== true) tell(style("dim", counted(count, "document")));
    });
}

const tableOf = (rows: readonly string[][]) => table(["ID", "TITLE", "AUTHOR", "CHUNKS", "SEQ", "UPDATED"], rows);

const rowOf = ({ id, title, author, num_chunks, seq, updated_at }: DocumentSummary) => [
  shownDocumentId(id),
  plain(title).slice(0, 60),
  plain(author ?? "").slice(0, 30),
  String(num_chunks),
  String(seq),
  updated_at,
];

function addCount(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("count")
      .description("count documents and their chunks")
      .argument("<library>", "the library's name or id")
      .addOption(filterOption()),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb documents count "Help centre" --filter '{"author": "Ada"}'`)
    .action(async (given, { filter, json, ...connection }) => {
      const { metadata_filter } = checked(documentQueryRequest, { metadata_filter: filter });
      const library = await openLibrary(connect(connection), given, context.signal);
      const found = await library.count(metadata_filter ?? undefined, { signal: context.signal });
      if (json === true) return printJson(found);
      return print(`${counted(found.documents, "document")} with ${counted(found.chunks, "chunk")}`);
    });
}

function addGet(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("get")
      .description("show a document with its text")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the document's id")
      .option("--vectors", "with --json, include the vector of each chunk"),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb documents get "Help centre" doc-42`)
    .action(async (given, id, { vectors, json, ...connection }) => {
      const library = await openLibrary(connect(connection), given, context.signal);
      const document = await library.get(id, { vectors, signal: context.signal });
      if (json === true) return printJson(document);
      const { text: content, chunks: _, ...fields } = document;
      for (const [name, value] of Object.entries(fields)) {
        await print(`${style("bold", name.padEnd(16))} ${shownValue(value)}`);
      }
      await print();
      for (const line of content.split("\n")) await print(plain(line));
    });
}

function addPut(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("put")
      .description("store a document, replacing the one with its id")
      .argument("<library>", "the library's name or id")
      .argument("<file>", "a file with the document as JSON; - for standard input")
      .option("--id <id>", "the document's id, instead of the one in the file"),
  )
    .addHelpText(
      "after",
      `\nExamples:\n  $ arrwdb documents put "Help centre" article.json --id doc-42\n  $ echo '{"title": "Hours", "text": "Nine to five."}' | arrwdb documents put "Help centre" -`,
    )
    .action(async (given, file, { id, json, ...connection }) => {
      const document = await readDocument(file);
      const library = await openLibrary(connect(connection), given, context.signal);
      const stored = { ...document, ...(id === undefined ? {} : { id }) };
      const written = await library.add(stored, { signal: context.signal });
      if (json === true) return printJson(written);
      return print(`Stored ${shownDocumentId(written.document.id)} at position ${written.seq}.`);
    });
}

/** @throws CommandError if it cannot be read, or is no document */
async function readDocument(file: string): Promise<z.input<typeof documentInput>> {
  let value: unknown;
  try {
    value = parseExactly(await (file === "-" ? text(process.stdin) : readFile(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The document cannot be read: ${reason}`, {
      exit: "usage",
      hint: "Give a file with one JSON object; for NDJSON and other files, use arrwdb ingest.",
    });
  }
  checked(documentInput, value);
  return Object(value);
}
