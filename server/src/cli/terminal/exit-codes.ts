/** Exit codes of commands, as documented in the help and in docs/cli.md. */
export const exitCodes = {
  ok: { code: 0, meaning: "everything succeeded" },
  failed: { code: 1, meaning: "failed or interrupted; the message says why and how to continue" },
  usage: { code: 2, meaning: "invalid command line" },
  partly: { code: 3, meaning: "partial success: everything but the reported items, such as rejected lines" },
  unreachable: { code: 4, meaning: "the server did not respond" },
  interrupted: { code: 130, meaning: "stopped by Ctrl-C" },
} as const;
export type ExitName = keyof typeof exitCodes;

/** Ends the command with an error message. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exit: ExitName;
  /** What to do about it, on a line of its own. */
  readonly hint: string | undefined;

  constructor(message: string, { exit = "failed", hint, cause }: CommandErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
    this.hint = hint;
  }
}

interface CommandErrorOptions {
  readonly exit?: ExitName | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Ctrl-C, as the reason of the signal that all commands share. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
