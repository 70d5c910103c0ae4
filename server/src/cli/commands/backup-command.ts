import type { Command } from "@commander-js/extra-typings";
import type { BackupManifest } from "../../store/data-maintenance.ts";
import type { Context } from "../command-context.ts";
import { dataDirectoryOption, jsonOption } from "../command-options.ts";
import { print, printJson } from "../terminal/terminal-output.ts";
import { StepProgress } from "../terminal/step-progress.ts";
import { bytesInWords, counted } from "../terminal/units.ts";

const details = `
The server can keep running: the copy is a consistent snapshot. It is read back and verified, and gets its final name once
it is complete and on disk. A backup is a directory with the database and a manifest of its contents and SHA-256. Run
this on the server's machine, as a user who can read the data directory.

Examples:
  $ arrwdb backup /backups/$(date +%F) --data-dir /var/lib/arrwdb
  $ arrwdb backup --verify /backups/2026-11-25`;

/** `arrwdb backup`: a consistent snapshot of all data, also while the server runs. */
export function addBackup(program: Command, context: Context): void {
  program
    .command("backup")
    .description("copy all data into a new directory while the server runs, and verify the copy")
    .argument("<directory>", "the backup to create; must not exist yet")
    .option("--verify", "verify an existing backup instead of creating one")
    .addOption(dataDirectoryOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async (to, { verify, dataDir, json }) => {
      // Only here, as it brings the store along.
      const { openMaintenance } = await import("../../open-data.ts");
      const data = openMaintenance(dataDir);
      using progress = new StepProgress(json !== true);
      const options = { signal: context.signal, onProgress: progress.onProgress };
      const manifest = await (verify === true ? data.verify(to, options) : data.backup(to, options));
      progress[Symbol.dispose]();
      await (json === true
        ? printJson(manifest)
        : print(`${to} ${verify === true ? "verified" : "created"}: ${wordsOf(manifest)}`));
    });
}

/** A summary of a backup. */
export function wordsOf({ contents, bytes, created_at }: BackupManifest): string {
  const documents = contents.libraries.reduce((sum, library) => sum + library.documents, 0);
  const chunks = contents.libraries.reduce((sum, library) => sum + library.chunks, 0);
  const libraries = counted(contents.libraries.length, "library", "libraries");
  const counts = `${libraries}, ${counted(documents, "document")}, ${counted(chunks, "chunk")}`;
  return `${counts}, ${bytesInWords(bytes)}, as of ${created_at}`;
}
