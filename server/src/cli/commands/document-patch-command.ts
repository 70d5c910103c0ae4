import type { Command } from "@commander-js/extra-typings";
import { documentPatch } from "@arrwdb/protocol/documents/document-patch";
import { documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import type { DocumentPatch } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { checkChosen } from "./check-chosen.ts";
import { askingServer, filterOption } from "../command-options.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { plain, print, printJson } from "../terminal/terminal-output.ts";
import { counted } from "../terminal/units.ts";

/** `arrwdb documents patch`: by an id, or by filter. */
export function addDocumentPatch(documents: Command, context: Context): void {
  askingServer(
    documents
      .command("patch")
      .description("change fields of a document, or of those that pass a filter, without their texts")
      .argument("<library>", "the library's name or id")
      .argument("<patch>", "a JSON merge patch: null removes a field, objects are merged")
      .argument("[id]", "the document's id")
      .addOption(filterOption())
      .option("--all", "patch every document"),
  )
    .addHelpText(
      "after",
      `\nExamples:\n  $ arrwdb documents patch "Help centre" '{"tags": ["billing"]}' doc-42\n  $ arrwdb documents patch "Help centre" '{"archived": true}' --filter '{"year": {"$lt": 2020}}'`,
    )
    .action(async (given, text, id, { filter, all, json, ...connection }) => {
      checkChosen("patch: an id", [id !== undefined, filter !== undefined, all === true]);
      const patch = patchOf(text);
      const { metadata_filter } = checked(documentQueryRequest, { metadata_filter: filter ?? {} });
      const library = await openLibrary(connect(connection), given, context.signal);
      const { signal } = context;
      if (id !== undefined) {
        const patched = await library.patch(id, patch, { signal });
        const { title, seq } = patched.document;
        if (json === true) return printJson(patched);
        return print(`Patched ${shownDocumentId(id)}: ${plain(title)} (seq ${seq}).`);
      }
      const confirm = all === true ? "all" : undefined;
      const { patched, failed, seq } = await library.patchMatching(metadata_filter ?? {}, patch, { confirm, signal });
      if (json === true) return printJson({ patched, failed, seq });
      const others = failed === 0 ? "" : ` ${counted(failed, "document")} would be too large with it.`;
      return print(`Patched ${counted(patched, "document")}.${others}`);
    });
}

/** @throws CommandError */
function patchOf(text: string): DocumentPatch {
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The patch is not JSON: ${reason}`, {
      exit: "usage",
      hint: `Quote it for your shell: '{"tags": ["billing"]}'`,
    });
  }
  checked(documentPatch, value);
  return Object(value);
}
