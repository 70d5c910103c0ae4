// Written by `npm run docs:settings` from settings-table.ts.

/** The settings of a server, by the names of their environment variables. */
export interface StartSettings {
  /** Address to listen on; listening beyond this machine requires keys (default: `127.0.0.1`) */
  readonly HOST?: string | undefined;
  /** Port to listen on; `0` picks a free one (default: `8000`) */
  readonly PORT?: number | string | undefined;
  /** PEM file with the certificate and its chain; requires `ARRWDB_TLS_KEY` (default: no TLS) */
  readonly ARRWDB_TLS_CERT?: string | undefined;
  /** PEM file with the certificate's private key (default: no TLS) */
  readonly ARRWDB_TLS_KEY?: string | undefined;
  /** How long an idle connection stays open, in ms; must be longer than the keep-alive of a proxy in front (default: `620000`) */
  readonly ARRWDB_KEEP_ALIVE_MS?: number | string | undefined;
  /** Initial key with full access, a secret of your choice of at least 24 characters */
  readonly ARRWDB_ADMIN_KEY?: string | undefined;
  /** Set to `everybody-may-read-and-delete-everything` to let a server without keys listen beyond this machine (default: not allowed) */
  readonly ARRWDB_ALLOW_OPEN_ACCESS?: string | undefined;
  /** Comma-separated origins of pages that may use the server; `*` allows all and requires keys (default: none) */
  readonly ARRWDB_CORS_ORIGINS?: string | undefined;
  /** Set to `any-page-may-use-this-server` to allow pages opened as files, for development (default: not allowed) */
  readonly ARRWDB_ALLOW_FILE_PAGES?: string | undefined;
  /** Maximum requests per minute for each key, or for each address without a key (default: no limit) */
  readonly ARRWDB_RATE_LIMIT?: number | string | undefined;
  /** Maximum concurrent requests for each key, or for each address without a key (default: no limit) */
  readonly ARRWDB_MAX_CONCURRENT_REQUESTS?: number | string | undefined;
  /** Maximum concurrent WebSockets and event streams for each key, or for each address without a key (default: no limit) */
  readonly ARRWDB_MAX_CONNECTIONS?: number | string | undefined;
  /** Concurrent requests from one address, across all keys; a reverse proxy counts as one address, so raise this up to `1024` behind one (default: `512`) */
  readonly ARRWDB_MAX_REQUESTS_PER_ADDRESS?: number | string | undefined;
  /** Maximum size of a JSON body and of a WebSocket message, in bytes (default: `16777216`) */
  readonly ARRWDB_MAX_BODY_BYTES?: number | string | undefined;
  /** Directory that holds all data (default: `.arrwdb`) */
  readonly ARRWDB_DATA_DIR?: string | undefined;
  /** Maximum size of the database file, in bytes; beyond it writes are refused and reads continue (default: no limit) */
  readonly ARRWDB_MAX_DATA_BYTES?: number | string | undefined;
  /** Model for new libraries: `builtin`, `cohere:MODEL`, `openai:MODEL` or `openai-compatible:MODEL` (default: `builtin`) */
  readonly ARRWDB_EMBEDDING?: string | undefined;
  /** API key for `cohere:MODEL` */
  readonly COHERE_API_KEY?: string | undefined;
  /** API key for `openai:MODEL` and `openai-compatible:MODEL` */
  readonly OPENAI_API_KEY?: string | undefined;
  /** Base URL of the provider, including its version, such as `http://localhost:11434/v1` (default: the provider's own) */
  readonly ARRWDB_EMBEDDING_BASE_URL?: string | undefined;
  /** Dimension of the model's vectors; required for models that arrwDB does not know (default: known for common models) */
  readonly ARRWDB_EMBEDDING_DIMENSION?: number | string | undefined;
  /** Prefix for each stored text, for models that expect one, such as `search_document: `; `\n` is a newline (default: none) */
  readonly ARRWDB_EMBEDDING_DOCUMENT_PREFIX?: string | undefined;
  /** Prefix for each query text, such as `search_query: ` (default: none) */
  readonly ARRWDB_EMBEDDING_QUERY_PREFIX?: string | undefined;
  /** Extra request fields when embedding stored texts, as a JSON object such as `{"input_type":"passage"}` (default: none) */
  readonly ARRWDB_EMBEDDING_DOCUMENT_FIELDS?: string | undefined;
  /** Extra request fields when embedding query texts, as a JSON object such as `{"input_type":"query"}` (default: none) */
  readonly ARRWDB_EMBEDDING_QUERY_FIELDS?: string | undefined;
  /** Request fields to omit for providers that reject them, comma-separated: `encoding_format` (sent as `float` by default), `dimensions` (default: none) */
  readonly ARRWDB_EMBEDDING_OMIT_FIELDS?: string | undefined;
  /** Maximum number of texts per call to the provider (default: `128`, `96` for Cohere) */
  readonly ARRWDB_EMBEDDING_TEXTS_PER_CALL?: number | string | undefined;
  /** Timeout for one call to the provider, in ms (default: `30000`) */
  readonly ARRWDB_EMBEDDING_TIMEOUT_MS?: number | string | undefined;
  /** Number of threads for the built-in model; each takes about 220 MB (default: one per core) */
  readonly ARRWDB_EMBEDDING_THREADS?: number | string | undefined;
  /** When to load the built-in model: `at-start`, or `on-first-use`, which saves its memory on servers that never embed text (default: `at-start`) */
  readonly ARRWDB_EMBEDDING_LOAD?: string | undefined;
  /** Whether webhooks may call private networks: `true`, `false`, or comma-separated permitted networks, such as `10.0.0.0/8,::1/128` (default: `false`) */
  readonly ARRWDB_WEBHOOK_ALLOW_PRIVATE?: string | undefined;
  /** Timeout for a webhook call, in ms (default: `15000`) */
  readonly ARRWDB_WEBHOOK_TIMEOUT_MS?: number | string | undefined;
  /** Delay before the first retry of a webhook call, in ms; doubles with each further retry (default: `1000`) */
  readonly ARRWDB_WEBHOOK_RETRY_MS?: number | string | undefined;
  /** Least severe level to log: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent` (default: `info`) */
  readonly LOG_LEVEL?: string | undefined;
  /** Log requests that take this many milliseconds or longer; `0` disables (default: `1000`) */
  readonly ARRWDB_SLOW_REQUEST_MS?: number | string | undefined;
}
