import { once } from "node:events";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ArrwError } from "@arrwdb/protocol/errors";
import { toProblem } from "@arrwdb/protocol/problem";
import { rememberAddresses } from "./peer-address.ts";
import type { Readiness } from "./readiness.ts";
import { requestIdOf } from "./request-id.ts";
import { refuseUpgrade } from "./ws/refusal.ts";

/**
 * Listens before there is anything to serve: opening large data may take minutes, and until then whoever asks should hear
 * that rather than nothing.
 */
export class FrontDoor {
  readonly server: Server;
  readonly #readiness: Readiness;
  readonly #refuseUpgrade = (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    refuseUpgrade(socket, this.#refusal(), requestIdOf(request.headers));
  };
  #serve: RequestListener | undefined;
  #isOpen = false;

  /** @param createServer makes what listens */
  constructor(readiness: Readiness, createServer: (serve: RequestListener) => Server) {
    this.#readiness = readiness;
    this.server = createServer((request, response) => {
      if (!this.#isOpen || this.#serve === undefined) this.#answer(request, response);
      else this.#serve(request, response);
    });
    // Uploads take as long as they take; what stalls is noticed where it is read.
    this.server.requestTimeout = 0;
    this.server.on("upgrade", this.#refuseUpgrade);
    rememberAddresses(this.server);
  }

  async listen(host: string, port: number): Promise<void> {
    this.server.listen({ host, port });
    await once(this.server, "listening");
  }

  /** Takes who will serve once the door is open. */
  attach(serve: RequestListener): Server {
    this.#serve = serve;
    return this.server;
  }

  /** From now on requests are served, and upgrades are the caller's. */
  open(): void {
    this.#isOpen = true;
    this.server.off("upgrade", this.#refuseUpgrade);
  }

  /** Takes no new connections, and resolves when the last one has ended. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  #refusal(): ArrwError {
    return this.#readiness.refusal ?? new ArrwError("starting", "The server is starting", { retryAfter: 1 });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const id = requestIdOf(request.headers);
    response.setHeader("x-request-id", id);
    if (request.url === "/health" && request.method === "GET") {
      response.setHeader("content-type", "application/json; charset=utf-8").end('{"status":"ok"}');
      return;
    }
    const refusal = this.#refusal();
    response.statusCode = refusal.definition.status;
    response.setHeader("content-type", "application/problem+json");
    response.setHeader("retry-after", String(refusal.retryAfter ?? 1));
    // What is being sent will not be read.
    response.setHeader("connection", "close");
    response.end(JSON.stringify(toProblem(refusal, id)));
  }
}
