import { type Command, Option } from "@commander-js/extra-typings";
import { reembedRequest } from "@arrwdb/protocol/documents/reembedding";
import { limits } from "@arrwdb/protocol/limits";
import type { LibraryHandle, Reembedding } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, wholeNumber } from "../command-options.ts";
import { CommandError } from "../terminal/exit-codes.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { plain, print, printJson } from "../terminal/terminal-output.ts";
import { counted } from "../terminal/units.ts";

const examples = `
Examples:
  $ arrwdb libraries reembed "Help centre" --model openai:text-embedding-3-small --wait
  $ arrwdb libraries reembed "Help centre" --status`;

/** `arrwdb libraries reembed`: another model for a library, in the background. */
export function addLibraryReembedding(libraries: Command, context: Context): void {
  askingServer(
    libraries
      .command("reembed")
      .description("embed all texts of a library again, with another model or dimension")
      .argument("<library>", "the library's name or id")
      .option("--model <model>", "the new model; the server's default if omitted")
      .addOption(
        new Option("--dimension <number>", "must be the model's, if given").argParser(wholeNumber(1, limits.dimension)),
      )
      .option("--wait", "wait until the library has changed over")
      .option("--status", "show the latest re-embedding; begin none")
      .option("--cancel", "cancel the one that is running; the library stays as it is"),
  )
    .addHelpText("after", examples)
    .action(async (given, { model, dimension, wait, status, cancel, json, ...connection }) => {
      const isOther = status === true || cancel === true;
      if ((status === true && cancel === true) || (isOther && (model ?? dimension) !== undefined)) {
        throw new CommandError("--status and --cancel begin no re-embedding", {
          exit: "usage",
          hint: "Give one of the two, without --model and --dimension.",
        });
      }
      const request = checked(reembedRequest, { embedding_model: model, dimension });
      const { reembedding } = await openLibrary(connect(connection), given, context.signal);
      const { signal } = context;
      const begun = await (cancel === true
        ? reembedding.cancel({ signal })
        : status === true
          ? reembedding.state({ signal })
          : reembedding.start(request, { signal }));
      const shown = wait === true ? await finished(reembedding, begun, { signal, json }) : begun;
      return json === true ? printJson(shown) : print(sentenceOf(shown));
    });
}

/** Follows it to its end, with a bar. Interrupting the command leaves it running. */
async function finished(
  reembedding: LibraryHandle["reembedding"],
  { chunks_total }: Reembedding,
  { signal, json }: { readonly signal: AbortSignal; readonly json: boolean | undefined },
): Promise<Reembedding> {
  using bar = new ProgressBar(chunks_total, json !== true);
  return await reembedding.finished({
    signal,
    onProgress: ({ chunks_done, chunks_total: total }) =>
      bar.update(Math.min(chunks_done, chunks_total), `${chunks_done} of ${counted(total, "chunk")}`),
  });
}

function sentenceOf({ state, embedding_model, chunks_done, chunks_total, seq, error }: Reembedding): string {
  const model = plain(embedding_model);
  const chunks = `${chunks_done} of ${counted(chunks_total, "chunk")}`;
  switch (state) {
    case "running":
      return `Re-embedding with ${model}: ${chunks}. Follow it with --status, or stop it with --cancel.`;
    case "done":
      return `Re-embedded ${counted(chunks_total, "chunk")} with ${model}; the library changed over at seq ${String(seq)}.`;
    case "failed":
      return `Failed after ${chunks} with ${model}; the library is as it was: ${plain(error ?? "")}`;
    case "cancelled":
      return `Cancelled after ${chunks} with ${model}; the library is as it was.`;
  }
}
