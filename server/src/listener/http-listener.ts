import { once } from "node:events";
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Monitor } from "../telemetry/monitor.ts";
import { rememberAddresses } from "../util/peer-address.ts";
import type { Readiness } from "./readiness.ts";
import { requestIdOf } from "../util/request-id.ts";
import { isEventStream, sendEndedStream } from "./ended-stream.ts";
import { answerProblem } from "./plain-answer.ts";
import { clientError } from "./client-error.ts";
import { Connections } from "./open-connections.ts";
import { Pipelines } from "./pipelines.ts";
import { refuse } from "./listener-refusal.ts";
import type { ClientTimeouts } from "./client-timeouts.ts";
import { UnreadAnswers } from "./unread-answers.ts";

/** Limits on connections of all kinds. Above the lower one, idle connections are closed. */
const mostConnections = 32_768;
const manyConnections = 24_576;
/** Event listeners per response: each stage of a request waits for its end. */
const listeners = 30;

export interface DoorOptions {
  readonly readiness: Readiness;
  readonly monitor: Monitor;
  readonly clientTimeouts: ClientTimeouts;
  /** Milliseconds for which an idle connection stays open. */
  readonly keepAlive: number;
  /** Creates the HTTP or HTTPS server. */
  readonly createServer: (options: DoorServerOptions, serve: RequestListener) => Server;
  /** Serves `/metrics` while the server starts; false if the client is not authorized. */
  readonly serveMetrics: (request: IncomingMessage, response: ServerResponse, closing: AbortSignal) => Promise<boolean>;
}

export type DoorServerOptions = ServerOptions & { readonly handshakeTimeout: number };

/**
 * Accepts connections. It listens before the server is ready, as opening large data may take minutes, and responds
 * until then that the server is starting. Input that never becomes a request is answered here, and a client that
 * neither sends nor reads is disconnected.
 */
export class HttpListener {
  readonly server: Server;
  readonly #options: DoorOptions;
  readonly #pipelines: Pipelines;
  readonly #unread: UnreadAnswers;
  readonly #open: Connections;
  readonly #refuseUpgrade = (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    refuse(socket, this.#refusal(), requestIdOf(request.headers));
  };
  #serve: RequestListener | undefined;
  #isOpen = false;
  readonly #closing = new AbortController();
  #connections = 0;
  #cleared = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#unread = new UnreadAnswers(options.clientTimeouts.check);
    this.#pipelines = new Pipelines(
      (request, response) => this.#begin(request, response),
      (request, response) => this.#answer(request, response, tooMuchPipelined()),
    );
    const { head, check } = options.clientTimeouts;
    const settings = {
      headersTimeout: head,
      connectionsCheckingInterval: check,
      handshakeTimeout: head,
      keepAliveTimeout: options.keepAlive,
      // Uploads have no total time-out; stalls are detected by the reader.
      requestTimeout: 0,
      // Node would respond with its own message.
      requireHostHeader: false,
      // Upgrades other than to WebSocket are ignored, and the request is handled as usual (RFC 9110, 7.8).
      shouldUpgradeCallback: isWebSocket,
    };
    this.server = options.createServer(settings, (request, response) => this.#pipelines.add(request, response));
    this.server.maxConnections = mostConnections;
    this.server.on("upgrade", this.#refuseUpgrade);
    this.#open = new Connections(this.server);
    rememberAddresses(this.server);
    this.server.on("connection", (socket) => this.#count(socket));
    this.server.on("clientError", (error, socket) => this.#refuseUnread(error, socket));
    this.server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
      const expected = (request.headers.expect ?? "").slice(0, 100);
      const message = `Expect: ${expected} is not supported; omit it, or send 100-continue`;
      this.#answer(request, response, new ArrwError("expectation_failed", message));
    });
  }

  async listen(host: string, port: number): Promise<void> {
    this.server.listen({ host, port });
    await once(this.server, "listening");
  }

  /** Sets the request handler to use once `open` is called. */
  attach(serve: RequestListener): Server {
    this.#serve = serve;
    return this.server;
  }

  /** Serves requests from now on, and leaves upgrades to the caller. */
  open(): void {
    this.#isOpen = true;
    this.server.off("upgrade", this.#refuseUpgrade);
  }

  /**
   * Stops accepting connections, closes idle ones at once and the others after their response, and resolves when the
   * last one has ended.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    // Node closes idle connections that had a request. It would wait for those that browsers open ahead without one.
    for (const socket of this.#open.all) {
      if (this.#pipelines.current(socket) === undefined && !socket.writableEnded) socket.destroy();
    }
    await closed;
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    response.setMaxListeners(listeners);
    response.setTimeout(this.#options.clientTimeouts.unread, () => {
      // An idle connection is no stall while nothing waits to be read.
      if (socket.writableLength > 0) socket.destroy();
    });
    this.#unread.add(response);
    response.once("close", () => this.#leave(socket));
    const fault = faultOfHost(request);
    if (fault !== undefined) return this.#answer(request, response, new ArrwError("malformed_request", fault));
    if (this.#isOpen && this.#serve !== undefined) this.#serve(request, response);
    else this.#answerEarly(request, response);
  }

  /** Node would keep a connection whose response began before the close open for the whole idle time-out. */
  #leave(socket: Socket): void {
    if (this.#closing.signal.aborted && this.#pipelines.current(socket) === undefined) socket.destroySoon();
  }

  #refusal(): ArrwError {
    return this.#options.readiness.refusal ?? new ArrwError("starting", "The server is starting", { retryAfter: 1 });
  }

  /** Responses before the server is ready. */
  #answerEarly(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split("?")[0];
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (path === "/health" && isRead) {
      response.setHeader("x-request-id", requestIdOf(request.headers));
      response.setHeader("content-type", "application/json; charset=utf-8").end('{"status":"ok"}');
      return;
    }
    if (isEventStream(request)) return this.#endStream(request, response);
    if (path === "/metrics" && isRead) void this.#answerMetrics(request, response);
    else this.#answer(request, response, this.#refusal());
  }

  /** Browsers reconnect an `EventSource` after this response, and after no other. */
  #endStream(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("x-request-id", requestIdOf(request.headers));
    // Browsers do not reconnect unless they may read the response, and this one contains nothing confidential.
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("connection", "close");
    sendEndedStream(response, this.#refusal());
  }

  async #answerMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isServed = await this.#options.serveMetrics(request, response, this.#closing.signal);
    if (!isServed) this.#answer(request, response, this.#refusal());
  }

  #answer(request: IncomingMessage, response: ServerResponse, error: ArrwError): void {
    this.#options.monitor.failed("http", error.code);
    answerProblem(request, response, error, this.#closing.signal);
  }

  /** The bytes received are not a valid request, or the request head timed out. */
  #refuseUnread(error: Error, stream: Duplex): void {
    const fault = clientError(error, this.#options.clientTimeouts.head);
    const answering = stream instanceof Socket ? this.#pipelines.current(stream) : undefined;
    // A client that is gone, never sent a byte, or is getting a response already, cannot read this.
    const isSilent = stream instanceof Socket && stream.bytesRead === 0;
    if (stream.writableEnded && !stream.destroyed) return;
    if (fault === undefined || isSilent || answering?.headersSent === true) {
      stream.destroy();
      return;
    }
    this.#options.monitor.failed("http", fault.code);
    refuse(stream, fault, requestIdOf({}));
  }

  /** Closes idle connections if there are many. */
  #count(socket: Socket): void {
    this.#connections++;
    socket.once("close", () => this.#connections--);
    const now = performance.now();
    if (this.#connections < manyConnections || now - this.#cleared < this.#options.clientTimeouts.check) return;
    this.#cleared = now;
    this.server.closeIdleConnections();
  }
}

const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers.upgrade?.trim().toLowerCase() === "websocket";

/** What is wrong with the Host header (RFC 9112, 3.2): of two, a proxy may use another than we do. */
function faultOfHost({ httpVersion, rawHeaders }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1) return `The request has ${hosts} Host headers; send one`;
  return hosts === 0 && httpVersion === "1.1" ? "The request has no Host header, which HTTP/1.1 requires" : undefined;
}

const tooMuchPipelined = () =>
  new ArrwError("overloaded", "Too many pipelined requests are waiting; read the responses to the earlier ones first", {
    retryAfter: 1,
  });
