import { CommanderError } from "@commander-js/extra-typings";
import { Context } from "./command-context.ts";
import { createProgram } from "./program.ts";
import { exitCodes } from "./terminal/exit-codes.ts";
import { failureOf, tellFailure } from "./terminal/command-failure.ts";
import { endWithReader } from "./terminal/terminal-output.ts";

/** Runs the command that the arguments name. Resolves with its exit code. */
async function run(argv: readonly string[]): Promise<number> {
  const context = new Context();
  try {
    await createProgram(context).parseAsync(argv, { from: "user" });
    return context.exitCode;
  } catch (error) {
    // Commander has printed it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code;
    const failure = failureOf(error);
    tellFailure(failure, argv.includes("--json"));
    return exitCodes[failure.exit].code;
  }
}

/** The command line: runs a command, and ends the process with its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  endWithReader();
  const code = await run(argv);
  // Flushes the output before the process exits.
  process.stdout.write("", () => process.exit(code));
}
