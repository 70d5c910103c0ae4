import { createInterface } from "node:readline/promises";
import { type Command, Option } from "@commander-js/extra-typings";
import { createLibraryRequest, type Library } from "@arrwdb/protocol/documents/model";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, wholeNumber } from "../command-options.ts";
import { addLibraryReembedding } from "./library-reembedding-command.ts";
import { addLibraryUpdate } from "./library-update-command.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { plain, print, printJson, shownValue, style } from "../terminal/terminal-output.ts";
import { table } from "../terminal/text-table-output.ts";
import { counted } from "../terminal/units.ts";

/** `arrwdb libraries`: list, create, show, update, reembed, delete. */
export function addLibraries(program: Command, context: Context): void {
  const libraries = program
    .command("libraries")
    .description("list, create, show, update, re-embed and delete libraries");
  addList(libraries, context);
  addCreate(libraries, context);
  addShow(libraries, context);
  addLibraryUpdate(libraries, context);
  addLibraryReembedding(libraries, context);
  addDelete(libraries, context);
}

function addList(libraries: Command, context: Context): void {
  askingServer(libraries.command("list").description("list the libraries, oldest first"))
    .addHelpText("after", "\nExample:\n  $ arrwdb libraries list --json | jq -r .id")
    .action(async (options) => {
      const rows: string[][] = [];
      for await (const library of connect(options).libraries.list({ signal: context.signal })) {
        if (options.json === true) await printJson(library);
        else rows.push(rowOf(library));
      }
      if (options.json === true) return;
      if (rows.length === 0) return print(`There are no libraries; create one with "arrwdb libraries create NAME".`);
      return print(table(["ID", "NAME", "DOCUMENTS", "CHUNKS", "SEQ", "MODEL"], rows));
    });
}

const rowOf = ({ id, name, num_documents, num_chunks, seq, embedding_model }: Library) => [
  id,
  plain(name),
  String(num_documents),
  String(num_chunks),
  String(seq),
  embedding_model,
];

function addCreate(libraries: Command, context: Context): void {
  askingServer(
    libraries
      .command("create")
      .description("create a library and print its id")
      .argument("<name>", "the name of the library")
      .option("--description <text>", "a description")
      .option("--unique", "fail if another library has this name")
      .option("--model <model>", `the embedding model; "none" for vectors of your own`)
      .addOption(
        new Option("--dimension <number>", "the dimension of the vectors, for the model none").argParser(
          wholeNumber(1, 8192),
        ),
      )
      .option("--language <code>", `the language of its texts, for stemming, such as en; "none" disables stemming`),
  )
    .addHelpText(
      "after",
      `\nExamples:\n  $ arrwdb libraries create "Help centre"\n  $ arrwdb libraries create images --model none --dimension 768`,
    )
    .action(async (name, { url, key, cacert, json, description, unique, model, dimension, language }) => {
      const given = { name, unique_name: unique, description, embedding_model: model, dimension, language };
      const library = await connect({ url, key, cacert }).libraries.create(checked(createLibraryRequest, given), {
        signal: context.signal,
      });
      await (json === true ? printJson(library) : print(library.id));
    });
}

function addShow(libraries: Command, context: Context): void {
  askingServer(
    libraries
      .command("show")
      .description("show a library's properties")
      .argument("<library>", "the library's name or id"),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb libraries show "Help centre"`)
    .action(async (given, options) => {
      const library = await findLibrary(connect(options), given, context.signal);
      if (options.json === true) return printJson(library);
      for (const [name, value] of Object.entries(library)) {
        await print(`${style("bold", name.padEnd(16))} ${shownValue(value)}`);
      }
    });
}

function addDelete(libraries: Command, context: Context): void {
  askingServer(
    libraries
      .command("delete")
      .description("delete a library with all its documents, after confirmation")
      .argument("<library>", "the library's name or id")
      .option("--yes", "skip the confirmation"),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb libraries delete "Help centre" --yes`)
    .action(async (given, options) => {
      const client = connect(options);
      const library = await findLibrary(client, given, context.signal);
      if (options.yes !== true) await confirm(library, context.signal);
      const deleted = await client.libraries.delete(library.id, { signal: context.signal });
      if (options.json === true) return printJson(deleted);
      return print(`Deleted ${plain(library.name)} with ${counted(library.num_documents, "document")}.`);
    });
}

/** @throws CommandError unless the user confirms */
async function confirm({ name, num_documents }: Library, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CommandError("Deleting a library requires confirmation, but there is no terminal to ask on", {
      exit: "usage",
      hint: "Confirm with --yes.",
    });
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Permanently delete "${plain(name)}" with ${counted(num_documents, "document")}? Type its name to confirm: `;
    const answer = await asking.question(question, { signal });
    if (answer.trim() !== name.trim()) throw new CommandError("The name does not match; nothing was deleted");
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    asking.close();
  }
}
