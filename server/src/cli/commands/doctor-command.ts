import type { Command } from "@commander-js/extra-typings";
import type { Context } from "../command-context.ts";
import type { Finding } from "../doctor/doctor-checks.ts";
import { dataDirectoryOption, jsonOption } from "../command-options.ts";
import { exitCodes } from "../terminal/exit-codes.ts";
import { print, printJson, style } from "../terminal/terminal-output.ts";
import { StepProgress } from "../terminal/step-progress.ts";

const details = `
Checks the settings, the data directory and its permissions, the disk, and whether a server is using the directory, and
reads all data: SQLite's integrity check, and whether counts, chunks, vectors and events are consistent. It changes
nothing, and the server can keep running.

With --rebuild, which requires the server to be stopped, derived data is deleted: the vector and keyword indexes. The
next start rebuilds them.

Exits with 1 if a check fails.

Examples:
  $ arrwdb doctor --data-dir /var/lib/arrwdb
  $ arrwdb doctor --rebuild`;

const marks: Readonly<Record<Finding["state"], string>> = { ok: "ok", warning: "warning", fault: "FAULT" };
const colours = { ok: "green", warning: "yellow", fault: "red" } as const;

/** `arrwdb doctor`: diagnoses an installation. */
export function addDoctor(program: Command, context: Context): void {
  program
    .command("doctor")
    .description("check settings, disk and data; read-only without --rebuild")
    .option("--rebuild", "rebuild the indexes at the next start")
    .addOption(dataDirectoryOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async ({ rebuild, dataDir, json }) => {
      // Only here, as they bring the store along.
      const [{ openMaintenance }, { examine }] = await Promise.all([
        import("../../open-data.ts"),
        import("../doctor/doctor-checks.ts"),
      ]);
      using progress = new StepProgress(json !== true);
      const findings: Finding[] = [];
      for await (const finding of examine(dataDir, { signal: context.signal, onProgress: progress.onProgress })) {
        progress[Symbol.dispose]();
        findings.push(finding);
        const { check, state, message } = finding;
        if (json !== true)
          await print(`${style(colours[state], marks[state].padEnd(8))} ${check.padEnd(10)} ${message}`);
      }
      const isHealthy = findings.every(({ state }) => state !== "fault");
      const isRebuilt = rebuild === true && isHealthy;
      if (isRebuilt) await openMaintenance(dataDir).discardDerived();
      if (!isHealthy) context.exitCode = exitCodes.failed.code;
      if (json === true) return printJson({ healthy: isHealthy, rebuilt: isRebuilt, findings });
      if (rebuild === true) {
        await print(
          isRebuilt ? "The next start rebuilds all indexes." : "Nothing was rebuilt, because a check failed.",
        );
      }
    });
}
