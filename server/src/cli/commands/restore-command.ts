import type { Command } from "@commander-js/extra-typings";
import { restoreBackup } from "../../store/embedded/maintenance/restore-backup.ts";
import type { Context } from "../command-context.ts";
import { dataDirectoryOption, jsonOption } from "../command-options.ts";
import { print, printJson } from "../terminal/terminal-output.ts";
import { StepProgress } from "../terminal/step-progress.ts";
import { wordsOf } from "./backup-command.ts";

const details = `
The backup is checked before anything is changed. A directory that a server has is refused: stop the server first. With
--replace, the data that are there are kept in a directory beside the new ones, until you remove it.

Example:
  $ arrwdb restore /backups/2026-11-25 --data-dir /var/lib/arrwdb`;

/** `arrwdb restore`: a backup into a data directory that no server has. */
export function addRestore(program: Command, context: Context): void {
  program
    .command("restore")
    .description("put a backup into a data directory that no server uses")
    .argument("<backup>", "the directory that backup made")
    .option("--replace", "put the data that are there aside")
    .addOption(dataDirectoryOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async (from, { replace, dataDir, json }) => {
      using progress = new StepProgress(json !== true);
      const options = { signal: context.signal, onProgress: progress.onProgress, replace: replace === true };
      const { manifest, replaced } = await restoreBackup(from, dataDir, options);
      progress[Symbol.dispose]();
      if (json === true) return printJson({ directory: dataDir, replaced: replaced ?? null, manifest });
      await print(`${dataDir} holds the backup: ${wordsOf(manifest)}`);
      if (replaced !== undefined) await print(`What was there before is in ${replaced}; remove it when you are sure.`);
    });
}
