import { jsonInOneLine } from "@arrwdb/protocol/json/json-line";
import { createHash } from "node:crypto";
import type { Command } from "@commander-js/extra-typings";
import type { ExportLine } from "arrwdb-client";
import { connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer } from "../command-options.ts";
import { print, printJson, tell } from "../terminal/terminal-output.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { writeWhole } from "../transfer/export-file.ts";
import { counted } from "../terminal/units.ts";

const details = `
The export is NDJSON: one line for the library, one for each document with its chunks and vectors, and a summary. It is a
consistent snapshot at one position. The output file appears once it is complete.

Examples:
  $ arrwdb export "Help centre" -o help-centre.ndjson
  $ arrwdb export "Help centre" | zstd > help-centre.ndjson.zst`;

/** `arrwdb export`: a library with its vectors, to a file or to standard output. */
export function addExport(program: Command, context: Context): void {
  askingServer(
    program
      .command("export")
      .description("write a library with its vectors as NDJSON")
      .argument("<library>", "the library's name or id")
      .option("-o, --output <file>", "the file to write (default: standard output)"),
  )
    .addHelpText("after", details)
    .action(async (given, { output, json, ...connection }) => {
      const client = connect(connection);
      const { id, num_documents } = await findLibrary(client, given, context.signal);
      const lines = client.library(id).export({ signal: context.signal });
      if (output === undefined) return write(lines, num_documents, false, print);
      let summary: ExportLine | undefined;
      const hash = createHash("sha256");
      await writeWhole(output, (line) =>
        write(lines, num_documents, json !== true, async (text, value) => {
          if ("summary" in value) summary = value;
          hash.update(`${text}\n`);
          await line(text);
        }),
      );
      if (summary === undefined || !("summary" in summary)) return;
      const { documents, chunks, seq } = summary.summary;
      if (json === true) await printJson({ file: output, documents, chunks, seq, sha256: hash.digest("hex") });
      else
        tell(
          `Exported ${counted(documents, "document")} with ${counted(chunks, "chunk")} at position ${seq} to ${output}`,
        );
    });
}

async function write(
  lines: AsyncIterable<ExportLine>,
  total: number,
  showsProgress: boolean,
  to: (text: string, value: ExportLine) => Promise<void>,
): Promise<void> {
  using progress = new ProgressBar(total, showsProgress);
  let documents = 0;
  for await (const line of lines) {
    await to(jsonInOneLine(line), line);
    if ("document" in line) progress.update(++documents, counted(documents, "document"));
  }
}
