import type { Command } from "@commander-js/extra-typings";
import { forgetDerived } from "../../store/embedded/maintenance/rebuild-database.ts";
import type { Context } from "../command-context.ts";
import { examine, type Finding } from "../doctor/doctor-checks.ts";
import { dataDirectoryOption, jsonOption } from "../command-options.ts";
import { exitCodes } from "../terminal/exit-codes.ts";
import { print, printJson, style } from "../terminal/terminal-output.ts";
import { StepProgress } from "../terminal/step-progress.ts";

const details = `
Looks at the settings, the directory and who may use it, the disk, whether a server has it, and reads all data: SQLite's
own check of integrity, and whether counts, chunks, vectors and events agree. It changes nothing, and the server may go on.

With --rebuild, which wants the server stopped, everything that is made from the rows is thrown away: the vector indexes,
and the words for searches by text. The next start makes them again.

Ends with 1 where there is a fault.

Examples:
  $ arrwdb doctor --data-dir /var/lib/arrwdb
  $ arrwdb doctor --rebuild`;

const marks: Readonly<Record<Finding["state"], string>> = { ok: "ok", warning: "warning", fault: "FAULT" };
const colours = { ok: "green", warning: "yellow", fault: "red" } as const;

/** `arrwdb doctor`: what may be wrong with an installation. */
export function addDoctor(program: Command, context: Context): void {
  program
    .command("doctor")
    .description("check settings, disk and data; changes nothing unless asked to")
    .option("--rebuild", "have the indexes made again at the next start")
    .addOption(dataDirectoryOption())
    .addOption(jsonOption())
    .addHelpText("after", details)
    .action(async ({ rebuild, dataDir, json }) => {
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
      if (isRebuilt) await forgetDerived(dataDir);
      if (!isHealthy) context.exitCode = exitCodes.failed.code;
      if (json === true) return printJson({ healthy: isHealthy, rebuilt: isRebuilt, findings });
      if (rebuild === true) {
        await print(
          isRebuilt ? "The next start makes all indexes again." : "Nothing was rebuilt, as there is a fault.",
        );
      }
    });
}
