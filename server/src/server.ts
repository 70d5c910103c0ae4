import { mkdir, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { toArrwError } from "@arrwdb/protocol/errors";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { ConfigError, type Config } from "./config.ts";
import { createServices, type Services } from "./core/services.ts";
import { Embedders } from "./embedding/embedders.ts";
import { createApp } from "./http/app.ts";
import type { Service } from "./service.ts";
import { EmbeddedStore } from "./store/embedded/embedded-store.ts";
import { Gateway } from "./ws/gateway.ts";

const stallTimeout = 60_000;
const spoolLimit = 1024 * 1024 * 1024;
const heartbeatInterval = 30_000;
const maxConnections = 10_000;

interface Parts {
  readonly embedders: Embedders;
  readonly store: EmbeddedStore;
  readonly services: Services;
  readonly app: FastifyInstance;
  readonly gateway: Gateway;
}

/** The whole server: builds the parts, starts them, and ends them in order. */
export class ArrwServer implements Service {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #draining = new AbortController();
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<Error>();
  #parts: Parts | undefined;
  #ready = false;

  constructor(config: Config, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  /** Resolves with the reason when the server cannot go on and should be started again. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Where it listens, such as `http://127.0.0.1:8000`. */
  get address(): string {
    const address: AddressInfo | string | null | undefined = this.#parts?.app.server.address();
    if (address === null || address === undefined || typeof address === "string")
      throw new Error("The server does not listen");
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  /** Rooms with somebody in them. */
  get sessions(): number {
    return this.#parts?.services.sessions.size ?? 0;
  }

  async start(): Promise<void> {
    const spoolDirectory = join(this.#config.ARRWDB_DATA_DIR, "spool");
    await this.#makeDirectory();
    const store = await EmbeddedStore.open({
      directory: this.#config.ARRWDB_DATA_DIR,
      maxBytes: this.#config.ARRWDB_MAX_DATA_BYTES,
      onEnd: (error) => this.#failed.resolve(error),
      onLog: (level, message, details) => this.#logger[level](details, message),
    });
    try {
      await rm(spoolDirectory, { recursive: true, force: true });
      const embedders = this.#createEmbedders(store);
      const services = createServices(store, embedders, (what, error) => this.#logger.warn({ err: error }, what));
      const settings = {
        spoolDirectory,
        spoolLimit,
        stallTimeout,
        maxStreams: maxConnections,
        draining: this.#draining.signal,
        stopping: this.#stopping.signal,
      };
      const app = createApp({ services, settings, ready: () => this.#ready }, this.#logger);
      const gateway = new Gateway(services, this.#logger, { heartbeatInterval, maxConnections });
      this.#parts = { embedders, store, services, app, gateway };
      await embedders.start();
      gateway.attach(app.server);
      await app.listen({ host: this.#config.HOST, port: this.#config.PORT });
      this.#ready = true;
    } catch (error) {
      await this.stop();
      await store.close();
      throw this.#explain(error);
    }
  }

  async drain(timeout: number): Promise<void> {
    this.#ready = false;
    this.#draining.abort();
    const parts = this.#parts;
    if (parts === undefined) return;
    const timer = setTimeout(() => this.#cutOff(parts), timeout);
    await Promise.all([parts.gateway.drain(timeout), parts.app.close()]);
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    this.#ready = false;
    const parts = this.#parts;
    this.#parts = undefined;
    if (parts === undefined) return;
    this.#cutOff(parts);
    await parts.gateway.drain(0);
    await parts.app.close();
    parts.services.hub.close();
    await parts.embedders.close();
    await parts.store.close();
  }

  /** Ends what did not end by itself, such as an answer that its client does not read. */
  #cutOff({ app }: Parts): void {
    this.#draining.abort();
    this.#stopping.abort(new DOMException("The server stopped", "AbortError"));
    app.server.closeAllConnections();
  }

  #createEmbedders(store: EmbeddedStore): Embedders {
    try {
      return new Embedders({
        settings: {
          embedding: this.#config.ARRWDB_EMBEDDING,
          cohereApiKey: this.#config.COHERE_API_KEY,
          openaiApiKey: this.#config.OPENAI_API_KEY,
          baseUrl: this.#config.ARRWDB_EMBEDDING_BASE_URL,
          dimension: this.#config.ARRWDB_EMBEDDING_DIMENSION,
          timeoutMs: this.#config.ARRWDB_EMBEDDING_TIMEOUT_MS,
        },
        ledger: store,
        onLedgerError: (error) => this.#logger.warn({ err: error }, "a vector could not be remembered"),
      });
    } catch (error) {
      throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async #makeDirectory(): Promise<void> {
    try {
      await mkdir(this.#config.ARRWDB_DATA_DIR, { recursive: true });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(`ARRWDB_DATA_DIR (${this.#config.ARRWDB_DATA_DIR}) cannot be created: ${reason}`, {
        cause,
      });
    }
  }

  #explain(error: unknown): Error {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      const { HOST, PORT } = this.#config;
      return new ConfigError(`PORT (${PORT}) is in use on ${HOST}; choose another with --port or PORT`, {
        cause: error,
      });
    }
    return error instanceof Error ? error : toArrwError(error);
  }
}
