import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import type { Command } from "@commander-js/extra-typings";
import { documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import type { LibraryHandle } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { checkChosen } from "./check-chosen.ts";
import { askingServer, filterOption } from "../command-options.ts";
import { plain, print, printJson } from "../terminal/terminal-output.ts";
import { counted } from "../terminal/units.ts";

/** `arrwdb documents delete`: by ids, or by filter. */
export function addDocumentDeletion(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("delete")
      .description("delete documents by their ids, or those that pass a filter")
      .argument("<library>", "the library's name or id")
      .argument("[id...]", "the documents' ids")
      .addOption(filterOption())
      .option("--all", "delete every document")
      .option("--dry-run", "only count the documents"),
  )
    .addHelpText(
      "after",
      `\nExamples:\n  $ arrwdb documents delete "Help centre" doc-42\n  $ arrwdb documents delete "Help centre" --filter '{"year": {"$lt": 2020}}' --dry-run`,
    )
    .action(async (given, ids, { filter, all, dryRun, json, ...connection }) => {
      checkChosen("delete: their ids", [ids.length > 0, filter !== undefined, all === true]);
      const { metadata_filter } = checked(documentQueryRequest, { metadata_filter: filter ?? {} });
      const library = await openLibrary(connect(connection), given, context.signal);
      const { signal } = context;
      if (ids.length > 0) return deleteEach(library, ids, { signal, json, dryRun });
      if (dryRun === true) {
        const { documents: count, chunks } = await library.count(metadata_filter ?? {}, { signal });
        if (json === true) return printJson({ documents: count, chunks });
        return print(`Would delete ${counted(count, "document")} with ${counted(chunks, "chunk")}.`);
      }
      const confirm = all === true ? "all" : undefined;
      const deleted = await library.deleteMatching(metadata_filter ?? {}, { confirm, signal });
      return json === true ? printJson(deleted) : print(`Deleted ${counted(deleted.deleted, "document")}.`);
    });
}

interface EachOptions {
  readonly signal: AbortSignal;
  readonly json: boolean | undefined;
  readonly dryRun: boolean | undefined;
}

async function deleteEach(
  library: LibraryHandle,
  ids: readonly string[],
  { signal, json, dryRun }: EachOptions,
): Promise<void> {
  for (const id of ids) {
    if (dryRun === true) {
      const { title } = await library.get(id, { signal });
      await (json === true ? printJson({ id, title }) : print(`Would delete ${shownDocumentId(id)}: ${plain(title)}`));
      continue;
    }
    const deleted = await library.delete(id, { signal });
    await (json === true ? printJson(deleted) : print(`Deleted ${shownDocumentId(id)}.`));
  }
}
