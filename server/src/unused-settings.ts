import type { Config } from "./config.ts";

/** Which settings are there though nothing uses them, and what would: one that is mistaken may go unnoticed for long. */
export function unusedSettings(config: Config): readonly string[] {
  const { ARRWDB_EMBEDDING: embedding } = config;
  const [provider = ""] = embedding.split(":");
  const used = `new libraries use ARRWDB_EMBEDDING=${embedding}`;
  const notes: string[] = [];
  if (config.COHERE_API_KEY !== undefined && provider !== "cohere") {
    notes.push(
      `COHERE_API_KEY is set and not used, as ${used}; set ARRWDB_EMBEDDING=cohere:embed-english-v3.0 to use it`,
    );
  }
  if (config.OPENAI_API_KEY !== undefined && !provider.startsWith("openai")) {
    notes.push(
      `OPENAI_API_KEY is set and not used, as ${used}; set ARRWDB_EMBEDDING=openai:text-embedding-3-small to use it`,
    );
  }
  if (provider !== "builtin") return notes;
  for (const name of ["ARRWDB_EMBEDDING_BASE_URL", "ARRWDB_EMBEDDING_DIMENSION"] as const) {
    if (config[name] !== undefined) notes.push(`${name} is set and not used, as ${used}, which is part of the server`);
  }
  return notes;
}
