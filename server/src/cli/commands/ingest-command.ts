import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { idempotencyKey } from "@arrwdb/protocol/documents/ingestion";
import type { LibraryHandle } from "arrwdb-client";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer } from "../command-options.ts";
import { findSources, requireSources } from "../sources/source-files.ts";
import { IngestReport } from "../sources/ingest-report.ts";
import { type CsvColumns, formats, type Source } from "../sources/ingest-source.ts";
import { CommandError, exitCodes } from "../terminal/exit-codes.ts";
import { failureOf } from "../terminal/command-failure.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { counted } from "../terminal/units.ts";

const details = `
Formats, detected from the file name unless --format is given:
  ndjson     .ndjson .jsonl    one document per line, as in the API; the default for standard input
  markdown   .md .markdown     one document per section; code is left out
  text       .txt              one document per file, one chunk per paragraph
  csv        .csv .tsv         one document per row; the first row has the column names, unless --columns is given.
                               Quotes have no special meaning in .tsv

Failed lines are reported, and the others are stored. After an interruption, such as a lost connection, the upload resumes
where it stopped. If the command itself is interrupted, it prints how to continue; or choose a name with --resume and run
the same command again: within 24 hours, documents already stored are not stored again.

Examples:
  $ arrwdb ingest "Help centre" articles.ndjson
  $ arrwdb ingest "Help centre" docs/ --resume docs-2026-11-25
  $ arrwdb ingest products catalogue.csv --title-column name --text-column summary
  $ arrwdb ingest "Help centre" posts.csv --rename created_at=published --rename body=text
  $ arrwdb ingest products prices.tsv --columns name,text,price --title-column name
  $ psql --csv -c "select kind, message from log" | arrwdb ingest events - --format csv --text-column message`;

/** @throws InvalidArgumentError */
function columnNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) throw new InvalidArgumentError(`The name "${twice}" occurs twice.`);
  return names;
}

type Renaming = readonly (readonly [old: string, name: string])[];

/** @throws InvalidArgumentError */
function renaming(text: string, before: Renaming): Renaming {
  const [old = "", name = "", ...rest] = text.split("=").map((part) => part.trim());
  if (old === "" || name === "" || rest.length > 0)
    throw new InvalidArgumentError("Use OLD=NEW, such as created_at=published.");
  if (before.some(([other]) => other === old)) throw new InvalidArgumentError(`"${old}" is renamed twice.`);
  return [...before, [old, name]];
}

/** @throws InvalidArgumentError */
function delimiterOf(text: string): string {
  // Escaped, as shells do not insert tabs.
  if (text === "\\t") return "\t";
  if (text !== "" && !/["\r\n]/.test(text)) return text;
  throw new InvalidArgumentError("It must be a delimiter such as ; or \\t for a tab, without quotes or line breaks.");
}

/** `arrwdb ingest`: files, folders and standard input as documents. */
export function addIngest(program: Command, context: Context): void {
  askingServer(
    program
      .command("ingest")
      .description("store files, folders, or standard input (-) in a library")
      .argument("<library>", "the library's name or id")
      .argument("<paths...>", "files and folders, or - for standard input")
      .addOption(new Option("--format <format>", "the format of all inputs").choices(formats))
      .addOption(
        new Option(
          "--columns <names>",
          "comma-separated names of the CSV columns; every row is then a document",
        ).argParser(columnNames),
      )
      .option("--title-column <name>", "the CSV column with the title (default: title, if present)")
      .option("--text-column <name>", "the CSV column with the text (default: text, content, body or description)")
      .addOption(
        new Option("--rename <old=new>", "rename a CSV column; other options use the new name; repeatable")
          .argParser(renaming)
          .default([], "none"),
      )
      .addOption(
        new Option(
          "--as-text <names>",
          "comma-separated CSV columns to store as text, even if they contain numbers",
        ).argParser(columnNames),
      )
      .addOption(
        new Option("--delimiter <character>", "the CSV delimiter (default: comma); \\t is a tab").argParser(
          delimiterOf,
        ),
      )
      .option("--resume <name>", "resume the ingestion with this name, or start it"),
  )
    .addHelpText("after", details)
    .action(async (given, paths, options) => {
      const { format, columns, titleColumn, textColumn, asText, delimiter, rename } = options;
      const name = nameOf(options.resume, paths);
      const found = await findSources(paths, format);
      requireSources(found);
      const client = connect(options);
      const { id, seq } = await findLibrary(client, given, context.signal);
      const run: IngestRun = {
        library: client.library(id),
        sources: found.sources,
        columns: { names: columns, renamed: new Map(rename), title: titleColumn, text: textColumn, asText, delimiter },
        name,
      };
      const total = found.sources.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
      const asJson = options.json === true;
      const report = new IngestReport(new ProgressBar(total, !asJson), asJson, seq);
      for (const fault of found.faults) report.failed(fault);
      await ingest(run, report, context.signal);
      await report.finish(found.skipped);
      context.exitCode = report.failures === 0 ? 0 : report.stored > 0 ? exitCodes.partly.code : exitCodes.failed.code;
    });
}

interface IngestRun {
  readonly library: LibraryHandle;
  readonly sources: readonly Source[];
  readonly columns: CsvColumns;
  /** Undefined if it cannot be restarted. */
  readonly name: string | undefined;
}

/** Standard input cannot be read again, unless the user passes a name. */
function nameOf(given: string | undefined, paths: readonly string[]): string | undefined {
  if (given === undefined) return paths.includes("-") ? undefined : randomUUID();
  const name: string = checked(idempotencyKey, given);
  if (name.length <= 200) return name;
  throw new CommandError("--resume: the name has more than 200 characters", { exit: "usage" });
}

async function ingest(
  { library, sources, columns, name }: IngestRun,
  report: IngestReport,
  signal: AbortSignal,
): Promise<void> {
  // Only here, as it brings the readers of all formats along.
  const { Intake } = await import("../sources/source-intake.ts");
  const intake = new Intake(sources, columns, (place, message) => report.failed(`${place}: ${message}`));
  try {
    for await (const result of library.ingest(intake.documents(), { signal, idempotencyKey: name })) {
      const place = intake.take(result.line);
      if (result.success) report.received(result, place?.bytes ?? 0);
      else report.failed(`${place?.source ?? "?"}:${place?.line ?? "?"}: ${result.error}`);
    }
  } catch (error) {
    report.close();
    const failure = failureOf(error);
    const message = `${failure.message}; ${counted(report.stored, "document")} stored`;
    const hint = name === undefined ? undefined : `To continue, run the same command with --resume ${name}`;
    throw new CommandError(message, { exit: failure.exit, hint, cause: error });
  }
}
