import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { type WebSocket, WebSocketServer } from "ws";
import type { Access } from "../access/access.ts";
import { keyProtocol, subprotocol } from "../access/credentials.ts";
import { type Caller, checkRate } from "../access/usage-limits.ts";
import type { Services } from "../core/services.ts";
import { addressOf } from "../util/peer-address.ts";
import { requestIdOf } from "../util/request-id.ts";
import type { Monitor } from "../telemetry/monitor.ts";
import { refuse } from "../listener/listener-refusal.ts";
import { networkOf } from "../util/network.ts";
import { BodyBudget } from "../scheduling/body-budget.ts";
import { Connection } from "./websocket-connection.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HeldRefusals } from "./held-refusals.ts";

const path = /^\/v1\/libraries\/([^/]+)\/ws\/?$/;

export interface GatewaySettings {
  readonly services: Services;
  readonly access: Access;
  readonly logger: Logger;
  /** Milliseconds between pings; a peer that misses two is dropped. */
  readonly heartbeatInterval: number;
  /** Milliseconds within which a reader must read some of its queued messages. */
  readonly stallTimeout: number;
  readonly maxConnections: number;
  readonly monitor: Monitor;
  /** Milliseconds from which on requests are logged as slow; undefined if none are. */
  readonly slowRequest: number | undefined;
}

/** The caller and the library of an upgrade. */
interface Admitted {
  readonly caller: Caller;
  readonly libraryId: string;
}

/** Never a subprotocol with a key, which the response would repeat. */
const chooseProtocol = (offered: ReadonlySet<string>): string | false => offered.has(subprotocol) && subprotocol;

/** A client that offers subprotocols requires one of them. @throws ArrwError `validation_failed` */
function checkProtocols({ headers }: IncomingMessage): void {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const unknown = offered.filter((name) => name !== "" && !name.startsWith(keyProtocol));
  if (unknown.length === 0 || unknown.includes(subprotocol)) return;
  const field = "sec-websocket-protocol";
  const message = `${field}: ${cut(unknown.join(", "))} is not supported; offer ${subprotocol}, or no subprotocol`;
  throw new ArrwError("validation_failed", message, { field });
}

/** Turns upgrade requests into connections, keeps them alive, and ends them in order. */
export class Gateway {
  readonly #services: Services;
  readonly #access: Access;
  readonly #logger: Logger;
  readonly #settings: GatewaySettings;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.lineBytes,
    perMessageDeflate: false,
    handleProtocols: chooseProtocol,
  });
  readonly #connections = new Set<Connection>();
  readonly #heartbeat: Heartbeat;
  readonly #refusals = new HeldRefusals();
  readonly #budget = new BodyBudget();
  #draining = false;

  constructor(settings: GatewaySettings) {
    this.#services = settings.services;
    this.#access = settings.access;
    this.#logger = settings.logger;
    this.#settings = settings;
    this.#heartbeat = new Heartbeat(settings.heartbeatInterval);
    this.#server.on("wsClientError", (error, socket, request) => {
      const message = `The WebSocket upgrade is not valid (RFC 6455): ${error.message}`;
      this.#refuse(socket, request, new ArrwError("malformed_request", message));
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", (error) => this.#logger.debug({ err: error }, "socket failed during upgrade"));
      this.#upgrade(request, socket, head).catch((error: unknown) => this.#refuse(socket, request, toArrwError(error)));
    });
  }

  #refuse(socket: Duplex, request: IncomingMessage, fault: ArrwError): void {
    this.#settings.monitor.failed("websocket", fault.code);
    refuse(socket, fault, requestIdOf(request.headers), { "sec-websocket-version": "13" });
  }

  /** Accepts no more requests, responds to those in progress, and closes every connection with 1001. */
  async drain(timeout: number): Promise<void> {
    this.#draining = true;
    this.#heartbeat.stop();
    this.#refusals.close();
    await Promise.all([...this.#connections].map((connection) => connection.drain(timeout)));
    this.#server.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = path.exec(request.url?.split("?")[0] ?? "");
    if (target?.[1] === undefined)
      throw new ArrwError(
        "route_not_found",
        `There is no WebSocket endpoint at ${cut(request.url?.split("?")[0] ?? "")}`,
      );
    if (this.#draining) throw new ArrwError("shutting_down", "The server is shutting down", { retryAfter: 1 });
    if (this.#connections.size >= this.#settings.maxConnections) {
      throw new ArrwError("overloaded", "The server has reached its maximum number of connections; retry later", {
        retryAfter: 5,
      });
    }
    this.#access.checkOrigin(request);
    checkProtocols(request);
    const admitted = await this.#admit(request, target[1]);
    if ("refusal" in admitted) this.#refusals.checkRoom(addressOf(request));
    const release = "caller" in admitted ? this.#access.usage.connect(admitted.caller) : () => undefined;
    socket.once("close", release);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      if ("refusal" in admitted) {
        this.#refusals.refuse(webSocket, admitted.refusal, addressOf(request));
      } else if (this.#draining) {
        webSocket.close(1001);
        webSocket.terminate();
      } else {
        this.#accept(admitted, webSocket, request.socket);
      }
    });
  }

  /** Browsers do not see the status of a rejected upgrade, so the reason is sent as a close code. */
  async #admit(request: IncomingMessage, target: string): Promise<Admitted | { readonly refusal: ArrwError }> {
    const address = addressOf(request);
    let caller: Caller | undefined;
    try {
      caller = { principal: this.#access.authenticate(request), address };
      const libraryId = await closing(this.#services.names.resolve(decoded(target), caller.principal.libraries));
      this.#access.authorize(caller.principal, { scope: "read", libraryId, narrowed: false });
      await closing(this.#services.libraries.get(libraryId));
      return { caller, libraryId };
    } catch (error) {
      if (caller === undefined) checkRate(this.#access.usage.rateOfAddress(address));
      return { refusal: toArrwError(error) };
    }
  }

  #accept({ caller, libraryId }: Admitted, webSocket: WebSocket, socket: Socket): void {
    const id = uuidv7();
    const logger = this.#logger.child({ connection: id });
    const held = this.#budget.hold(networkOf(caller.address));
    const connection = new Connection({
      libraryId,
      webSocket,
      socket,
      caller,
      held,
      services: this.#services,
      access: this.#access,
      stallTimeout: this.#settings.stallTimeout,
      logger,
      monitor: this.#settings.monitor,
      slowRequest: this.#settings.slowRequest,
    });
    this.#connections.add(connection);
    this.#heartbeat.watch(webSocket);
    webSocket.once("close", () => this.#connections.delete(connection));
    // The library may have been deleted between the look-up and the subscription to its deletion.
    this.#services.libraries.get(libraryId).catch((error: unknown) => connection.fail(toArrwError(error)));
  }
}

/** @throws ArrwError `library_not_found` if it is not percent-encoded UTF-8 */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ArrwError("library_not_found", `There is no library named ${JSON.stringify(cut(segment))}`);
  }
}

/** The value; any error as one that has a close code. */
async function closing<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    const fault = toArrwError(error);
    throw fault.definition.close === undefined ? new ArrwError("internal", fault.message, { cause: error }) : fault;
  }
}
