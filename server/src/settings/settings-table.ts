import { limits } from "@arrwdb/protocol/limits";
import { z } from "zod";
import { bodyFields, omittedFields, prefix } from "./preparation-settings.ts";
import { setting, settingsOf } from "./setting.ts";
import {
  adminKey,
  allowedNetworks,
  corsOrigins,
  embeddingLoad,
  httpUrl,
  logLevel,
  logLevels,
  phrase,
  text,
  wholeNumber,
} from "./setting-schemas.ts";

/** The phrase that confirms that a server is open to everyone. */
export const openAccessPhrase = "everybody-may-read-and-delete-everything";

/** The phrase that confirms the origin `null`, which any site can produce. */
export const filePagesPhrase = "any-page-may-use-this-server";

const anyProvider = {
  providers: ["cohere", "openai", "openai-compatible"],
  example: "openai:text-embedding-3-small",
} as const;

/**
 * Every setting, by the environment variable that sets it. Parsing, `--help`, the warnings of the start and the tables on
 * the pages (`npm run docs:settings`) follow from this table.
 */
export const settingsTable = z.object({
  HOST: setting(text, {
    section: "Network",
    placeholder: "address",
    default: "127.0.0.1",
    description: "Address to listen on; listening beyond this machine requires [keys](docs/security.md)",
  }),
  PORT: setting(wholeNumber(0, 65_535), {
    section: "Network",
    placeholder: "port",
    default: 8000,
    description: "Port to listen on; `0` picks a free one",
  }),
  ARRWDB_TLS_CERT: setting(text, {
    section: "Network",
    placeholder: "file",
    unset: "no TLS",
    description: "PEM file with the certificate and its chain; requires `ARRWDB_TLS_KEY`",
  }),
  ARRWDB_TLS_KEY: setting(text, {
    section: "Network",
    placeholder: "file",
    unset: "no TLS",
    description: "PEM file with the certificate's private key",
  }),
  ARRWDB_KEEP_ALIVE_MS: setting(wholeNumber(1_000, 86_400_000), {
    section: "Network",
    placeholder: "milliseconds",
    default: 620_000,
    description:
      "How long an idle connection stays open, in ms; must be longer than the keep-alive of a proxy in front",
  }),

  ARRWDB_ADMIN_KEY: setting(adminKey, {
    section: "Access",
    placeholder: "key",
    secret: true,
    description: "Initial key with full access, a secret of your choice of at least 24 characters",
  }),
  ARRWDB_ALLOW_OPEN_ACCESS: setting(phrase(openAccessPhrase), {
    section: "Access",
    placeholder: "phrase",
    unset: "not allowed",
    description: `Set to \`${openAccessPhrase}\` to let a server without keys listen beyond this machine`,
  }),
  ARRWDB_CORS_ORIGINS: setting(corsOrigins, {
    section: "Access",
    placeholder: "origins",
    default: "",
    unset: "none",
    description: "Comma-separated origins of pages that may use the server; `*` allows all and requires keys",
  }),
  ARRWDB_ALLOW_FILE_PAGES: setting(phrase(filePagesPhrase), {
    section: "Access",
    placeholder: "phrase",
    unset: "not allowed",
    description: "Set to `any-page-may-use-this-server` to allow pages opened as files, for development",
  }),

  ARRWDB_RATE_LIMIT: setting(wholeNumber(1, 1_000_000_000), {
    section: "Limits",
    placeholder: "requests",
    unset: "no limit",
    description: "Maximum requests per minute for each key, or for each address without a key",
  }),
  ARRWDB_MAX_CONCURRENT_REQUESTS: setting(wholeNumber(1, 1_000_000), {
    section: "Limits",
    placeholder: "requests",
    unset: "no limit",
    description: "Maximum concurrent requests for each key, or for each address without a key",
  }),
  ARRWDB_MAX_CONNECTIONS: setting(wholeNumber(1, 1_000_000), {
    section: "Limits",
    placeholder: "connections",
    unset: "no limit",
    description: "Maximum concurrent WebSockets and event streams for each key, or for each address without a key",
  }),
  ARRWDB_MAX_REQUESTS_PER_ADDRESS: setting(wholeNumber(1, 1_024), {
    section: "Limits",
    placeholder: "requests",
    default: 512,
    description:
      "Concurrent requests from one address, across all keys; a reverse proxy counts as one address, so raise this up to `1024` behind one",
  }),
  ARRWDB_MAX_BODY_BYTES: setting(wholeNumber(1, limits.bodyBytes), {
    section: "Limits",
    placeholder: "bytes",
    default: limits.bodyBytes,
    description: "Maximum size of a JSON body and of a WebSocket message, in bytes",
  }),

  ARRWDB_DATA_DIR: setting(text, {
    section: "Data",
    placeholder: "directory",
    default: ".arrwdb",
    description: "Directory that holds all data",
  }),
  ARRWDB_MAX_DATA_BYTES: setting(wholeNumber(1_048_576, Number.MAX_SAFE_INTEGER), {
    section: "Data",
    placeholder: "bytes",
    unset: "no limit",
    description: "Maximum size of the database file, in bytes; beyond it writes are refused and reads continue",
  }),

  ARRWDB_EMBEDDING: setting(text, {
    section: "Embedding",
    placeholder: "model",
    default: "builtin",
    description:
      "[Model](docs/embeddings.md) for new libraries: `builtin`, `cohere:MODEL`, `openai:MODEL` or `openai-compatible:MODEL`",
  }),
  COHERE_API_KEY: setting(text, {
    section: "Embedding",
    placeholder: "key",
    secret: true,
    usedBy: { providers: ["cohere"], example: "cohere:embed-english-v3.0" },
    description: "API key for `cohere:MODEL`",
  }),
  OPENAI_API_KEY: setting(text, {
    section: "Embedding",
    placeholder: "key",
    secret: true,
    usedBy: { providers: ["openai", "openai-compatible"], example: "openai:text-embedding-3-small" },
    description: "API key for `openai:MODEL` and `openai-compatible:MODEL`",
  }),
  ARRWDB_EMBEDDING_BASE_URL: setting(httpUrl, {
    section: "Embedding",
    placeholder: "url",
    unset: "the provider's own",
    usedBy: anyProvider,
    description: "Base URL of the provider, including its version, such as `http://localhost:11434/v1`",
  }),
  ARRWDB_EMBEDDING_DIMENSION: setting(wholeNumber(1, 8192), {
    section: "Embedding",
    placeholder: "number",
    unset: "known for common models",
    usedBy: anyProvider,
    description: "Dimension of the model's vectors; required for models that arrwDB does not know",
  }),
  ARRWDB_EMBEDDING_DOCUMENT_PREFIX: setting(prefix, {
    section: "Embedding",
    placeholder: "text",
    unset: "none",
    description:
      "Prefix for each stored text, for [models that expect one](docs/embeddings.md#models-that-expect-prefixes), such as `search_document: `; `\\n` is a newline",
  }),
  ARRWDB_EMBEDDING_QUERY_PREFIX: setting(prefix, {
    section: "Embedding",
    placeholder: "text",
    unset: "none",
    description: "Prefix for each query text, such as `search_query: `",
  }),
  ARRWDB_EMBEDDING_DOCUMENT_FIELDS: setting(bodyFields, {
    section: "Embedding",
    placeholder: "json",
    unset: "none",
    description:
      'Extra request fields when embedding stored texts, as a JSON object such as `{"input_type":"passage"}`',
  }),
  ARRWDB_EMBEDDING_QUERY_FIELDS: setting(bodyFields, {
    section: "Embedding",
    placeholder: "json",
    unset: "none",
    description: 'Extra request fields when embedding query texts, as a JSON object such as `{"input_type":"query"}`',
  }),
  ARRWDB_EMBEDDING_OMIT_FIELDS: setting(omittedFields, {
    section: "Embedding",
    placeholder: "fields",
    unset: "none",
    description:
      "Request fields to omit for providers that reject them, comma-separated: `encoding_format` (sent as `float` by default), `dimensions`",
  }),
  ARRWDB_EMBEDDING_TEXTS_PER_CALL: setting(wholeNumber(1, 2048), {
    section: "Embedding",
    placeholder: "number",
    unset: "`128`, `96` for Cohere",
    usedBy: anyProvider,
    description: "Maximum number of texts per call to the provider",
  }),
  ARRWDB_EMBEDDING_TIMEOUT_MS: setting(wholeNumber(100, 600_000), {
    section: "Embedding",
    placeholder: "milliseconds",
    default: 30_000,
    description: "Timeout for one call to the provider, in ms",
  }),
  ARRWDB_EMBEDDING_THREADS: setting(wholeNumber(1, 256), {
    section: "Embedding",
    placeholder: "number",
    unset: "one per core",
    description: "Number of threads for the built-in model; each takes about 220 MB",
  }),
  ARRWDB_EMBEDDING_LOAD: setting(embeddingLoad, {
    section: "Embedding",
    placeholder: "when",
    default: "at-start",
    description:
      "When to load the built-in model: `at-start`, or `on-first-use`, which saves its memory on servers that never embed text",
  }),

  ARRWDB_WEBHOOK_ALLOW_PRIVATE: setting(allowedNetworks, {
    section: "Webhooks",
    placeholder: "networks",
    default: "false",
    description:
      "Whether [webhooks](docs/webhooks.md) may call private networks: `true`, `false`, or comma-separated permitted networks, such as `10.0.0.0/8,::1/128`",
  }),
  ARRWDB_WEBHOOK_TIMEOUT_MS: setting(wholeNumber(100, 60_000), {
    section: "Webhooks",
    placeholder: "milliseconds",
    default: 15_000,
    description: "Timeout for a webhook call, in ms",
  }),
  ARRWDB_WEBHOOK_RETRY_MS: setting(wholeNumber(1, 3_600_000), {
    section: "Webhooks",
    placeholder: "milliseconds",
    default: 1_000,
    description: "Delay before the first retry of a webhook call, in ms; doubles with each further retry",
  }),

  LOG_LEVEL: setting(logLevel, {
    section: "Logging",
    placeholder: "level",
    default: "info",
    description: `Least severe level to log: ${logLevels.map((level) => `\`${level}\``).join(", ")}`,
  }),
  ARRWDB_SLOW_REQUEST_MS: setting(wholeNumber(0, 3_600_000), {
    section: "Logging",
    placeholder: "milliseconds",
    default: 1_000,
    description: "Log requests that take this many milliseconds or longer; `0` disables",
  }),
});

/** The same as a list, in the order of the table. */
export const settings = settingsOf(settingsTable);
