import { createServer } from "node:http";
import { rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Access } from "./access/access.ts";
import { createAccess } from "./access/create-access.ts";
import {
  accessSettings,
  createConfirmedAccess,
  createEmbedders,
  makeDataDirectory,
  readCertificate,
  refuseOpenness,
} from "./configured-parts.ts";
import type { Certificate } from "./listener/certificate.ts";
import { createServices, type Services } from "./core/services.ts";
import type { WebhookDispatcher } from "./core/webhooks/webhook-dispatcher.ts";
import { createWebhooks } from "./core/webhooks/webhook-service.ts";
import { EarlyMetrics } from "./early-metrics.ts";
import { HttpListener } from "./listener/http-listener.ts";
import type { Embedders } from "./embedding/embedders.ts";
import { createApp } from "./http/app.ts";
import type { HttpState } from "./http/http-context.ts";
import { openData, openEarlyKeys } from "./open-data.ts";
import { Readiness } from "./listener/readiness.ts";
import { lookAt } from "./collect-server-state.ts";
import { defaultLimits, type ServerLimits } from "./server-limits.ts";
import type { Service } from "./service.ts";
import { ConfigError, type Config } from "./settings/config.ts";
import type { Data, DataEvents } from "./store/data.ts";
import { Metrics } from "./telemetry/metrics.ts";
import type { ServerState } from "./telemetry/server-state.ts";
import { Gateway } from "./ws/websocket-gateway.ts";

/** What `npm run build:console` makes. */
const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));
const consoleDirectory = fileURLToPath(new URL("../../console/dist", import.meta.url));

interface ServerParts {
  readonly embedders: Embedders;
  readonly data: Data;
  readonly services: Services;
  readonly access: Access;
  readonly app: FastifyInstance;
  readonly gateway: Gateway;
  readonly dispatcher: WebhookDispatcher;
}

/** The whole server: builds the parts, starts them, and ends them in order. */
export class ArrwServer implements Service {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #limits: ServerLimits;
  readonly #readiness = new Readiness();
  #listener: HttpListener | undefined;
  #certificate: Certificate | undefined;
  readonly #http: HttpState = { requestsInProgress: 0 };
  readonly #metrics = new Metrics(() => this.#look());
  readonly #earlyMetrics = new EarlyMetrics(this.#metrics, async () => {
    const keys = openEarlyKeys(this.#config);
    return keys === undefined ? undefined : createAccess(keys, accessSettings(this.#config, this.#logger));
  });
  readonly #draining = new AbortController();
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<Error>();
  #parts: ServerParts | undefined;
  #starting: Promise<void> | undefined;

  /** @param limits overrides of the defaults */
  constructor(config: Config, logger: Logger, limits: Partial<ServerLimits> = {}) {
    this.#config = config;
    this.#logger = logger;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Resolves with the reason when the server cannot go on and should be started again. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Its address, such as `http://127.0.0.1:8000`. */
  get address(): string {
    const address: AddressInfo | string | null | undefined = this.#listener?.server.address();
    if (address === null || address === undefined || typeof address === "string")
      throw new Error("The server does not listen");
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `${this.#certificate === undefined ? "http" : "https"}://${host}:${address.port}`;
  }

  /** Rooms with participants. */
  get sessions(): number {
    return this.#parts?.services.rooms.size ?? 0;
  }

  /** Resolves when requests are served. It listens from the beginning, and responds that it is starting. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    try {
      await makeDataDirectory(this.#config);
      const listener = this.#makeListener();
      const { HOST, PORT } = this.#config;
      // A server that is open to all must not listen before it is known whether keys exist.
      const isEarly = refuseOpenness(this.#config) === undefined || this.#config.ARRWDB_ADMIN_KEY !== undefined;
      if (isEarly) await listener.listen(HOST, PORT);
      const parts = await this.#open(listener);
      this.#parts = parts;
      if (!isEarly) await listener.listen(HOST, PORT);
      this.#stopping.signal.throwIfAborted();
      this.#readiness.starting("loading the embedding model");
      await parts.embedders.start();
      await parts.dispatcher.start(parts.access.keys);
      await parts.services.reembeddings.start();
      await parts.app.ready();
      this.#stopping.signal.throwIfAborted();
      listener.open();
      parts.gateway.attach(listener.server);
      await this.#earlyMetrics.close();
      this.#recover(parts.data);
    } catch (error) {
      await this.#end();
      throw this.#explain(error);
    }
  }

  async drain(timeout: number): Promise<void> {
    this.#readiness.draining();
    this.#draining.abort();
    const parts = this.#parts;
    if (parts === undefined) return this.#listener?.close();
    const timer = setTimeout(() => this.#cutOff(), timeout);
    await Promise.all([
      parts.gateway.drain(timeout),
      parts.app.close(),
      parts.dispatcher.drain(timeout),
      parts.services.reembeddings.close(),
      this.#listener?.close(),
    ]);
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    this.#cutOff();
    // A start in progress closes what it has opened.
    await this.#starting?.catch(() => undefined);
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#cutOff();
    const parts = this.#parts;
    this.#parts = undefined;
    await parts?.gateway.drain(0);
    await this.#listener?.close();
    this.#certificate?.close();
    await this.#earlyMetrics.close();
    if (parts === undefined) return;
    await parts.app.close();
    await parts.dispatcher.stop();
    await parts.services.reembeddings.close();
    parts.services.hub.close();
    await parts.access.close();
    await parts.embedders.close();
    await parts.data.close();
  }

  /** Cuts what did not end by itself, such as a response that is not read. */
  #cutOff(): void {
    this.#readiness.draining();
    this.#draining.abort();
    this.#stopping.abort(new ArrwError("shutting_down", "The server stopped"));
    this.#listener?.server.closeAllConnections();
  }

  /** What listens, for plain HTTP or for TLS. */
  #makeListener(): HttpListener {
    const certificate = readCertificate(this.#config, this.#logger);
    this.#certificate = certificate;
    this.#listener = new HttpListener({
      readiness: this.#readiness,
      monitor: this.#metrics,
      clientTimeouts: this.#limits.clientTimeouts,
      keepAlive: this.#config.ARRWDB_KEEP_ALIVE_MS,
      createServer: (options, serve) => certificate?.createServer(options, serve) ?? createServer(options, serve),
      serveMetrics: (request, response, closing) => this.#earlyMetrics.serve(request, response, closing),
    });
    return this.#listener;
  }

  async #open(listener: HttpListener): Promise<ServerParts> {
    const { ARRWDB_DATA_DIR: directory } = this.#config;
    this.#readiness.starting("opening its data");
    const events: DataEvents = {
      onEnd: (error) => this.#fail(error),
      onLog: (level, message, details) => this.#logger[level](details, message),
      onOpening: (step) => this.#readiness.starting(step),
    };
    const data = await openData(this.#config, events, this.#stopping.signal);
    try {
      const spoolDirectory = join(directory, "spool");
      await rm(spoolDirectory, { recursive: true, force: true });
      const embedders = createEmbedders(this.#config, data.embeddings, this.#logger, this.#metrics);
      const onFault = (what: string, error: unknown) => this.#logger.warn({ err: error }, what);
      const { webhooks, dispatcher } = createWebhooks(data, data.webhooks, {
        allowed: this.#config.ARRWDB_WEBHOOK_ALLOW_PRIVATE,
        timeout: this.#config.ARRWDB_WEBHOOK_TIMEOUT_MS,
        firstRetry: this.#config.ARRWDB_WEBHOOK_RETRY_MS,
        longestDelay: this.#limits.webhookLongestDelay,
        disableAfter: this.#limits.webhookDisableAfter,
        monitor: this.#metrics,
        onFault,
      });
      const services = createServices({
        store: data,
        embedders,
        webhooks,
        onFault,
        monitor: this.#metrics,
        uploadBytes: this.#limits.uploadBytes,
        queryTimeout: this.#limits.queryTimeout,
        reembeddingPatience: this.#limits.reembeddingPatience,
      });
      const access = await createConfirmedAccess(this.#config, data.keys, this.#logger);
      const app = this.#createApp(services, access, spoolDirectory, listener);
      const gateway = new Gateway({
        services,
        access,
        logger: this.#logger,
        heartbeatInterval: this.#limits.heartbeatInterval,
        stallTimeout: this.#limits.webSocketStallTimeout,
        maxConnections: this.#limits.maxWebSockets,
        monitor: this.#metrics,
        slowRequest: this.#slowRequest,
      });
      return { embedders, data, services, access, app, gateway, dispatcher };
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  /** The server should be sent requests once searches are as fast as they were before the start. */
  #recover(data: Data): void {
    this.#readiness.recovering("checking its saved indexes");
    void data.recovered.then(() => this.#readiness.ready());
  }

  #fail(error: Error): void {
    this.#readiness.failed();
    this.#failed.resolve(error);
  }

  async #look(): Promise<ServerState | undefined> {
    const parts = this.#parts;
    if (parts === undefined) return undefined;
    return lookAt({ ...parts, readiness: this.#readiness, http: this.#http });
  }

  get #slowRequest(): number | undefined {
    const milliseconds = this.#config.ARRWDB_SLOW_REQUEST_MS;
    return milliseconds === 0 ? undefined : milliseconds;
  }

  #createApp(services: Services, access: Access, spoolDirectory: string, listener: HttpListener): FastifyInstance {
    const settings = {
      isSecure: this.#certificate !== undefined,
      consoleDirectory,
      projectDirectory,
      spoolDirectory,
      spoolLimit: this.#limits.spoolLimit,
      stallTimeout: this.#limits.stallTimeout,
      clientTimeouts: this.#limits.clientTimeouts,
      requestsPerAddress: this.#config.ARRWDB_MAX_REQUESTS_PER_ADDRESS,
      maxStreams: this.#limits.maxEventStreams,
      draining: this.#draining.signal,
      stopping: this.#stopping.signal,
      slowRequest: this.#slowRequest,
    };
    const context = {
      services,
      access,
      settings,
      refusal: () => this.#readiness.refusal,
      monitor: this.#metrics,
      metrics: this.#metrics,
      state: this.#http,
    };
    return createApp(context, this.#logger, (serve) => listener.attach(serve));
  }

  /** Reads the certificate again, as after it was renewed. */
  reloadCertificate(): void {
    this.#certificate?.reload();
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
