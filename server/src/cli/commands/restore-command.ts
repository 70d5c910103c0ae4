import type { Command } from "@commander-js/extra-typings";
import type { Context } from "../command-context.ts";
import { dataDirectoryOption, jsonOption } from "../command-options.ts";
import { print, printJson } from "../terminal/terminal-output.ts";
import { StepProgress } from "../terminal/step-progress.ts";
import { wordsOf } from "./backup-command.ts";

const details = `
The backup is verified before anything is changed. Stop the server first: a directory in use is rejected. With --replace,
existing data is moved aside into a subdirectory, which is kept until you remove it.

Example:
  $ arrwdb restore /backups/2026-11-25 --data-dir /var/lib/arrwdb`;

/** `arrwdb restore`: a backup into a data directory that no server has. */
export function addRestore(program: Command, context: Context): void {
  program
    .command("restore")
    .description("restore a backup into a data directory that no server is using")
    .argument("<backup>", "the directory created by backup")
    .option("--replace", "move existing data aside")
    .addOption(dataDirectoryOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async (from, { replace, dataDir, json }) => {
      // Only here, as it brings the store along.
      const { openMaintenance } = await import("../../open-data.ts");
      using progress = new StepProgress(json !== true);
      const options = { signal: context.signal, onProgress: progress.onProgress, replace: replace === true };
      const { manifest, replaced } = await openMaintenance(dataDir).restore(from, options);
      progress[Symbol.dispose]();
      if (json === true) return printJson({ directory: dataDir, replaced: replaced ?? null, manifest });
      await print(`Restored into ${dataDir}: ${wordsOf(manifest)}`);
      if (replaced !== undefined)
        await print(`The previous data is in ${replaced}; remove it when you no longer need it.`);
    });
}
