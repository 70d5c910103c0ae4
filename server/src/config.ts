import { parseArgs } from "node:util";
import { limits } from "@arrwdb/protocol/limits";
import { z } from "zod";
import { parseAllowedNetworks } from "./core/webhooks/address-policy.ts";
import { bodyFields, omittedFields, prefix } from "./preparation-settings.ts";

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);

const text = z.string().min(1, "must not be empty");
const embeddingLoads = ["at-start", "on-first-use"] as const;
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** What one has to write out to open a server to everybody. */
export const openAccessPhrase = "everybody-may-read-and-delete-everything";

/** What one has to write out to let in pages that have no origin, which every site can make. */
export const filePagesPhrase = "any-page-may-use-this-server";

/** Such as can stand in a header and in a WebSocket subprotocol. */
const adminKey = z
  .string()
  .regex(/^[\w.~-]+$/, "must be of letters, digits and - . _ ~ alone")
  .min(24, "must have at least 24 characters; make one with: openssl rand -hex 32")
  .max(limits.keyLength, `must have at most ${limits.keyLength} characters`);

const isOrigin = (value: string) =>
  value === "*" || (URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value);

const corsOrigins = z
  .string()
  .default("")
  .transform((list) =>
    list
      .split(",")
      .map((origin) => origin.trim().replace(/\/$/, ""))
      .filter((origin) => origin !== ""),
  )
  .refine(
    (origins) => origins.every(isOrigin),
    "must be origins such as https://app.example.com, divided by commas; for pages opened as files set ARRWDB_ALLOW_FILE_PAGES",
  );

interface Setting {
  readonly schema: z.ZodType;
  readonly help: string;
}

/** Every setting, by the variable that sets it. The flag of `ARRWDB_DATA_DIR` is `--data-dir`, that of `PORT` is `--port`. */
const settings = {
  HOST: { schema: text.default("127.0.0.1"), help: "the address to listen on" },
  PORT: { schema: wholeNumber(0, 65_535).default(8000), help: "the port to listen on; 0 takes a free one" },
  ARRWDB_ADMIN_KEY: {
    schema: adminKey.optional(),
    help: "a key that may do everything, to begin with (no flag, as flags are seen by others)",
  },
  ARRWDB_ALLOW_OPEN_ACCESS: {
    schema: z.literal(openAccessPhrase, { error: `must be ${openAccessPhrase}, or left out` }).optional(),
    help: `${openAccessPhrase} lets a server without keys listen beyond this machine`,
  },
  ARRWDB_CORS_ORIGINS: {
    schema: corsOrigins,
    help: "origins of pages that may use the server, divided by commas; * for all, which needs keys",
  },
  ARRWDB_ALLOW_FILE_PAGES: {
    schema: z.literal(filePagesPhrase, { error: `must be ${filePagesPhrase}, or left out` }).optional(),
    help: `${filePagesPhrase} lets in pages that were opened as files, for development`,
  },
  ARRWDB_TLS_CERT: {
    schema: text.optional(),
    help: "the file of the certificate, with its chain, as PEM; needs ARRWDB_TLS_KEY",
  },
  ARRWDB_TLS_KEY: { schema: text.optional(), help: "the file of the certificate's private key, as PEM" },
  ARRWDB_RATE_LIMIT: {
    schema: wholeNumber(1, 1_000_000_000).optional(),
    help: "requests a minute of each key, or of each address without one",
  },
  ARRWDB_MAX_CONCURRENT_REQUESTS: {
    schema: wholeNumber(1, 1_000_000).optional(),
    help: "requests in progress of each key, or of each address without one",
  },
  ARRWDB_MAX_CONNECTIONS: {
    schema: wholeNumber(1, 1_000_000).optional(),
    help: "WebSockets and event streams of each key, or of each address without one",
  },
  ARRWDB_MAX_REQUESTS_PER_ADDRESS: {
    schema: wholeNumber(1, 1_024).default(512),
    help: "requests in progress of one address, whosever they are; a proxy in front is one address",
  },
  ARRWDB_MAX_BODY_BYTES: {
    schema: wholeNumber(1, limits.bodyBytes).default(limits.bodyBytes),
    help: "bytes of one JSON body, and of one WebSocket message",
  },
  ARRWDB_KEEP_ALIVE_MS: {
    schema: wholeNumber(1_000, 86_400_000).default(620_000),
    help: "how long an idle connection stays open; longer than a proxy in front keeps it",
  },
  ARRWDB_DATA_DIR: { schema: text.default(".arrwdb"), help: "the directory that holds all data" },
  ARRWDB_EMBEDDING: {
    schema: text.default("builtin"),
    help: "the model of new libraries: builtin, cohere:MODEL, openai:MODEL or openai-compatible:MODEL",
  },
  ARRWDB_EMBEDDING_BASE_URL: {
    schema: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
    help: "where the embedding provider answers, up to and with its version: http://localhost:11434/v1",
  },
  ARRWDB_EMBEDDING_DIMENSION: {
    schema: wholeNumber(1, 8192).optional(),
    help: "how many numbers the model gives a text, for models that arrwDB does not know",
  },
  ARRWDB_EMBEDDING_DOCUMENT_PREFIX: {
    schema: prefix.optional(),
    help: String.raw`what stands before each text that is stored, where the model expects it: "search_document: "; \n is a new line`,
  },
  ARRWDB_EMBEDDING_QUERY_PREFIX: {
    schema: prefix.optional(),
    help: 'what stands before each text that is searched for: "search_query: "',
  },
  ARRWDB_EMBEDDING_DOCUMENT_FIELDS: {
    schema: bodyFields.optional(),
    help: 'fields of requests for texts that are stored, as a JSON object: {"input_type":"passage"}',
  },
  ARRWDB_EMBEDDING_QUERY_FIELDS: {
    schema: bodyFields.optional(),
    help: 'fields of requests for texts that are searched for, as a JSON object: {"input_type":"query"}',
  },
  ARRWDB_EMBEDDING_OMIT_FIELDS: {
    schema: omittedFields.optional(),
    help: "fields that the provider refuses and is not sent: encoding_format, dimensions, divided by commas",
  },
  ARRWDB_EMBEDDING_TEXTS_PER_CALL: {
    schema: wholeNumber(1, 2048).optional(),
    help: "how many texts a provider takes in one call; 96 for cohere, 128 for others unless set",
  },
  ARRWDB_EMBEDDING_TIMEOUT_MS: {
    schema: wholeNumber(100, 600_000).default(30_000),
    help: "how long a provider may take for one call",
  },
  ARRWDB_EMBEDDING_THREADS: {
    schema: wholeNumber(1, 256).optional(),
    help: "threads of the built-in model, of about 220 MB each; one for each core unless set",
  },
  ARRWDB_EMBEDDING_LOAD: {
    schema: z.enum(embeddingLoads, { error: `must be ${embeddingLoads.join(" or ")}` }).default("at-start"),
    help: "when the built-in model is loaded: at-start, or on-first-use, so that servers without texts do without it",
  },
  COHERE_API_KEY: { schema: text.optional(), help: "the key for cohere:MODEL (no flag, as flags are seen by others)" },
  OPENAI_API_KEY: { schema: text.optional(), help: "the key for openai:MODEL and openai-compatible:MODEL (no flag)" },
  ARRWDB_MAX_DATA_BYTES: {
    schema: wholeNumber(1_048_576, Number.MAX_SAFE_INTEGER).optional(),
    help: "the most that the database file may take; beyond it writes are refused and reads go on",
  },
  ARRWDB_SLOW_REQUEST_MS: {
    schema: wholeNumber(0, 3_600_000).default(1_000),
    help: "requests that take as long are told of in the log; 0 tells of none",
  },
  ARRWDB_WEBHOOK_ALLOW_PRIVATE: {
    schema: text.default("false").transform((value, context) => {
      try {
        return parseAllowedNetworks(value);
      } catch (error) {
        context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
    help: "whether webhooks may call into private networks: true, false, or the networks that they may call",
  },
  ARRWDB_WEBHOOK_TIMEOUT_MS: {
    schema: wholeNumber(100, 60_000).default(15_000),
    help: "how long the receiver of a webhook may take to answer",
  },
  ARRWDB_WEBHOOK_RETRY_MS: {
    schema: wholeNumber(1, 3_600_000).default(1_000),
    help: "how long is waited before a webhook is called again the first time; each further time twice as long",
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` }).default("info"),
    help: `what to log: ${logLevels.join(", ")}`,
  },
} as const satisfies Record<string, Setting>;

const schema = z.object({
  HOST: settings.HOST.schema,
  PORT: settings.PORT.schema,
  ARRWDB_ADMIN_KEY: settings.ARRWDB_ADMIN_KEY.schema,
  ARRWDB_ALLOW_OPEN_ACCESS: settings.ARRWDB_ALLOW_OPEN_ACCESS.schema,
  ARRWDB_CORS_ORIGINS: settings.ARRWDB_CORS_ORIGINS.schema,
  ARRWDB_ALLOW_FILE_PAGES: settings.ARRWDB_ALLOW_FILE_PAGES.schema,
  ARRWDB_TLS_CERT: settings.ARRWDB_TLS_CERT.schema,
  ARRWDB_TLS_KEY: settings.ARRWDB_TLS_KEY.schema,
  ARRWDB_RATE_LIMIT: settings.ARRWDB_RATE_LIMIT.schema,
  ARRWDB_MAX_CONCURRENT_REQUESTS: settings.ARRWDB_MAX_CONCURRENT_REQUESTS.schema,
  ARRWDB_MAX_CONNECTIONS: settings.ARRWDB_MAX_CONNECTIONS.schema,
  ARRWDB_MAX_REQUESTS_PER_ADDRESS: settings.ARRWDB_MAX_REQUESTS_PER_ADDRESS.schema,
  ARRWDB_MAX_BODY_BYTES: settings.ARRWDB_MAX_BODY_BYTES.schema,
  ARRWDB_KEEP_ALIVE_MS: settings.ARRWDB_KEEP_ALIVE_MS.schema,
  ARRWDB_DATA_DIR: settings.ARRWDB_DATA_DIR.schema,
  ARRWDB_EMBEDDING: settings.ARRWDB_EMBEDDING.schema,
  ARRWDB_EMBEDDING_BASE_URL: settings.ARRWDB_EMBEDDING_BASE_URL.schema,
  ARRWDB_EMBEDDING_DIMENSION: settings.ARRWDB_EMBEDDING_DIMENSION.schema,
  ARRWDB_EMBEDDING_DOCUMENT_PREFIX: settings.ARRWDB_EMBEDDING_DOCUMENT_PREFIX.schema,
  ARRWDB_EMBEDDING_QUERY_PREFIX: settings.ARRWDB_EMBEDDING_QUERY_PREFIX.schema,
  ARRWDB_EMBEDDING_DOCUMENT_FIELDS: settings.ARRWDB_EMBEDDING_DOCUMENT_FIELDS.schema,
  ARRWDB_EMBEDDING_QUERY_FIELDS: settings.ARRWDB_EMBEDDING_QUERY_FIELDS.schema,
  ARRWDB_EMBEDDING_OMIT_FIELDS: settings.ARRWDB_EMBEDDING_OMIT_FIELDS.schema,
  ARRWDB_EMBEDDING_TEXTS_PER_CALL: settings.ARRWDB_EMBEDDING_TEXTS_PER_CALL.schema,
  ARRWDB_EMBEDDING_TIMEOUT_MS: settings.ARRWDB_EMBEDDING_TIMEOUT_MS.schema,
  ARRWDB_EMBEDDING_THREADS: settings.ARRWDB_EMBEDDING_THREADS.schema,
  ARRWDB_EMBEDDING_LOAD: settings.ARRWDB_EMBEDDING_LOAD.schema,
  COHERE_API_KEY: settings.COHERE_API_KEY.schema,
  OPENAI_API_KEY: settings.OPENAI_API_KEY.schema,
  ARRWDB_MAX_DATA_BYTES: settings.ARRWDB_MAX_DATA_BYTES.schema,
  ARRWDB_SLOW_REQUEST_MS: settings.ARRWDB_SLOW_REQUEST_MS.schema,
  ARRWDB_WEBHOOK_ALLOW_PRIVATE: settings.ARRWDB_WEBHOOK_ALLOW_PRIVATE.schema,
  ARRWDB_WEBHOOK_TIMEOUT_MS: settings.ARRWDB_WEBHOOK_TIMEOUT_MS.schema,
  ARRWDB_WEBHOOK_RETRY_MS: settings.ARRWDB_WEBHOOK_RETRY_MS.schema,
  LOG_LEVEL: settings.LOG_LEVEL.schema,
});

export type Config = Readonly<z.output<typeof schema>>;

const secrets: ReadonlySet<string> = new Set(["ARRWDB_ADMIN_KEY", "COHERE_API_KEY", "OPENAI_API_KEY"]);
const flagOf = (variable: string) =>
  variable
    .replace(/^ARRWDB_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
const flags = new Map(
  Object.keys(settings)
    .filter((variable) => !secrets.has(variable))
    .map((variable) => [flagOf(variable), variable]),
);

/** A setting that cannot be; the message is for the person who set it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the settings: a flag counts before its environment variable, an empty variable as none.
 *
 * @throws ConfigError that names each setting at fault and what it takes.
 */
export function readConfig(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Config {
  const given: Record<string, string> = {};
  for (const variable of Object.keys(settings)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") given[variable] = value;
  }
  for (const [flag, value] of Object.entries(parseFlags(argv))) {
    const variable = flags.get(flag);
    if (variable !== undefined && typeof value === "string") given[variable] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map(({ path, message }) => {
    const variable = String(path[0]);
    const value = secrets.has(variable) ? "" : ` (${JSON.stringify(given[variable])})`;
    return `${variable}${value} ${message}`;
  });
  throw new ConfigError(faults.join("\n"));
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries([...flags.keys()].map((flag) => [flag, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${reason}\nFlags: ${[...flags.keys()].map((flag) => `--${flag}`).join(" ")}`, { cause });
  }
}

/** The settings as a table for `--help`. */
export function configHelp(): string {
  return Object.entries(settings)
    .map(
      ([variable, { help }]) =>
        `  ${(secrets.has(variable) ? "" : `--${flagOf(variable)}`).padEnd(28)}${variable.padEnd(34)}${help}`,
    )
    .join("\n");
}
