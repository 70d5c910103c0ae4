import type { Config } from "./config.ts";
import { settings } from "./settings-table.ts";

/** Settings that have no effect, and what would make them effective, as such a mistake may go unnoticed. */
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
