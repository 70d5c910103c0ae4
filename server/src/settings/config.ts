import { parseArgs } from "node:util";
import type { z } from "zod";
import { settings, settingsTable } from "./settings-table.ts";

/** The settings, by the names of their environment variables. */
export type Config = Readonly<z.output<typeof settingsTable>>;

/** An invalid setting; the message is for the operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the settings. Flags take precedence over environment variables; an empty variable counts as unset.
 *
 * @throws ConfigError that names each setting at fault and what it takes.
 */
export function readConfig(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Config {
  const flags = parseFlags(argv);
  const given: Record<string, string> = {};
  for (const { name, flag } of settings) {
    const flagged = flag === undefined ? undefined : flags[flag];
    const value = typeof flagged === "string" ? flagged : environment[name];
    if (value !== undefined && (value !== "" || value === flagged)) given[name] = value;
  }
  const result = settingsTable.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const isSecret = settings.some((setting) => setting.name === name && setting.secret === true);
    return `${name}${isSecret ? "" : ` (${JSON.stringify(given[name])})`} ${message}`;
  });
  throw new ConfigError(faults.join("\n"));
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const names = settings.flatMap(({ flag }) => flag ?? []);
  const options = Object.fromEntries(names.map((flag) => [flag, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${reason}\nFlags: ${names.map((flag) => `--${flag}`).join(" ")}`, { cause });
  }
}
