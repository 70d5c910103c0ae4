import { once } from "node:events";
import { createServer, type IncomingMessage, request as requestOf, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** One origin for a page and for arrwDB, as behind a proxy: the page's script here, all else on the server. */
export class PageServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #target: URL;
  readonly #script: string;

  static async start(target: string, script: string): Promise<PageServer> {
    const page = new PageServer(target, script);
    page.#server.listen(0, "127.0.0.1");
    await once(page.#server, "listening");
    return page;
  }

  private constructor(target: string, script: string) {
    this.#target = new URL(target);
    this.#script = script;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The page is not served");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Cuts each WebSocket, and tells how many there were. */
  cut(): number {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) socket.destroy();
    return size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/") {
      response.setHeader("content-type", "text/html");
      response.end('<!doctype html><title>arrwDB</title><script type="module" src="/page.js"></script>');
    } else if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript");
      response.end(this.#script);
    } else {
      const { method, headers, url: path } = request;
      const { hostname, port } = this.#target;
      const forwarded = requestOf({ hostname, port, path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.on("error", () => response.destroy());
      request.pipe(forwarded);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const server: Socket = connect(Number(this.#target.port), this.#target.hostname);
    this.#sockets.add(socket);
    const end = () => {
      this.#sockets.delete(socket);
      socket.destroy();
      server.destroy();
    };
    for (const side of [socket, server]) side.on("error", end).on("close", end);
    const names = request.rawHeaders.filter((_, index) => index % 2 === 0);
    const lines = names.map((name, index) => `${name}: ${request.rawHeaders[index * 2 + 1] ?? ""}`);
    server.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    server.write(head);
    socket.pipe(server);
    server.pipe(socket);
  }
}
