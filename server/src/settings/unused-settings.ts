import type { Config } from "./config.ts";
import { settings } from "./settings-table.ts";

/** Which settings are there though nothing uses them, and what would: one that is mistaken may go unnoticed for long. */
export function unusedSettings(config: Config): readonly string[] {
  const { ARRWDB_EMBEDDING: embedding } = config;
  const [provider = ""] = embedding.split(":");
  const given = new Map<string, unknown>(Object.entries(config));
  return settings.flatMap(({ name, usedBy }) => {
    if (usedBy === undefined || given.get(name) === undefined || usedBy.providers.includes(provider)) return [];
    const remedy = `set ARRWDB_EMBEDDING=${usedBy.example} to use it`;
    return [`${name} is set but not used, because new libraries use ARRWDB_EMBEDDING=${embedding}; ${remedy}`];
  });
}
