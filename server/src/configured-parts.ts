import { mkdir } from "node:fs/promises";
import type { Logger } from "pino";
import type { Access } from "./access/access.ts";
import { type AccessSettings, createAccess } from "./access/create-access.ts";
import { isLoopback } from "./access/origin-policy.ts";
import { Embedders } from "./embedding/embedders.ts";
import { Certificate } from "./listener/certificate.ts";
import { ConfigError, type Config } from "./settings/config.ts";
import { preparationOf } from "./settings/preparation-settings.ts";
import { openAccessPhrase } from "./settings/settings-table.ts";
import type { EmbeddingCache } from "./embedding/embedding-cache.ts";
import type { AuditLog } from "./store/audit-log.ts";
import type { KeyStore } from "./store/key-store.ts";
import type { Monitor } from "./telemetry/monitor.ts";

/** The parts of the server that settings can make impossible. Each function throws a `ConfigError` that names them. */

export async function makeDataDirectory({ ARRWDB_DATA_DIR: directory }: Config): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw new ConfigError(`ARRWDB_DATA_DIR (${directory}) cannot be created: ${reasonOf(cause)}`, { cause });
  }
}

/** Undefined without TLS. */
export function readCertificate(config: Config, logger: Logger): Certificate | undefined {
  const { ARRWDB_TLS_CERT: cert, ARRWDB_TLS_KEY: key } = config;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new ConfigError("ARRWDB_TLS_CERT and ARRWDB_TLS_KEY must be set together; set both or neither");
  }
  try {
    return new Certificate({ cert, key }, logger);
  } catch (cause) {
    throw new ConfigError(`ARRWDB_TLS_CERT (${cert}) and ARRWDB_TLS_KEY (${key}) cannot be used: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

export function createEmbedders(config: Config, cache: EmbeddingCache, logger: Logger, monitor: Monitor): Embedders {
  try {
    return new Embedders({
      settings: {
        embedding: config.ARRWDB_EMBEDDING,
        cohereApiKey: config.COHERE_API_KEY,
        openaiApiKey: config.OPENAI_API_KEY,
        baseUrl: config.ARRWDB_EMBEDDING_BASE_URL,
        dimension: config.ARRWDB_EMBEDDING_DIMENSION,
        preparation: preparationOf(config),
        textsPerCall: config.ARRWDB_EMBEDDING_TEXTS_PER_CALL,
        timeoutMs: config.ARRWDB_EMBEDDING_TIMEOUT_MS,
        threads: config.ARRWDB_EMBEDDING_THREADS,
        loadOnFirstUse: config.ARRWDB_EMBEDDING_LOAD === "on-first-use",
      },
      cache,
      onCacheError: (error) => logger.warn({ err: error }, "a vector could not be cached"),
      monitor,
    });
  } catch (cause) {
    throw new ConfigError(reasonOf(cause), { cause });
  }
}

export function accessSettings(config: Config, logger: Logger): AccessSettings {
  return {
    adminKey: config.ARRWDB_ADMIN_KEY,
    host: config.HOST,
    corsOrigins: config.ARRWDB_CORS_ORIGINS,
    filePages: config.ARRWDB_ALLOW_FILE_PAGES !== undefined,
    usage: {
      requestsPerMinute: config.ARRWDB_RATE_LIMIT,
      concurrentRequests: config.ARRWDB_MAX_CONCURRENT_REQUESTS,
      connections: config.ARRWDB_MAX_CONNECTIONS,
      bodyBytes: config.ARRWDB_MAX_BODY_BYTES,
    },
    onFault: (what, error) => logger.warn({ err: error }, what),
  };
}

/** Also throws if the server would be open to all and this was not confirmed. */
export async function createConfirmedAccess(
  config: Config,
  keys: KeyStore & AuditLog,
  logger: Logger,
): Promise<Access> {
  const access = await createAccess(keys, accessSettings(config, logger));
  if (access.keys.isOpen) {
    const refusal = refuseOpenness(config);
    if (refusal !== undefined) {
      await access.close();
      throw refusal;
    }
  }
  return access;
}

/** Why a server without keys may not start like this, if so. */
export function refuseOpenness(config: Config): ConfigError | undefined {
  if (config.ARRWDB_CORS_ORIGINS.includes("*")) {
    return new ConfigError(
      "ARRWDB_CORS_ORIGINS (*) lets every page use the server, which needs keys; set ARRWDB_ADMIN_KEY",
    );
  }
  if (isLoopback(config.HOST) || config.ARRWDB_ALLOW_OPEN_ACCESS === openAccessPhrase) return undefined;
  return new ConfigError(
    `HOST (${config.HOST}) can be reached from other machines, and there are no keys. Set ARRWDB_ADMIN_KEY to a secret (openssl rand -hex 32), or create keys while HOST is 127.0.0.1; ARRWDB_ALLOW_OPEN_ACCESS=${openAccessPhrase} does without`,
  );
}

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
