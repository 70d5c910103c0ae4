import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** How a request over a socket of its own ended, as far as its status line and body tell. */
export interface RawAnswer {
  /** Of the final answer; 0 where the connection ended without one. */
  readonly status: number;
  readonly text: string;
}

/**
 * A request whose body arrives when the test wants: the server has seen its headers, and let it through, when `begin`
 * resolves, as it asked to be told to continue (RFC 9110, 10.1.1).
 */
export class RawRequest {
  readonly socket: Socket;
  readonly ended: Promise<RawAnswer>;
  readonly #body: Buffer;
  #heard = "";

  static async begin(
    url: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<RawRequest> {
    const { hostname, port, pathname, search } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const request = new RawRequest(socket, body);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [
      `${method} ${pathname}${search} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      "connection: close",
      "expect: 100-continue",
      `content-length: ${Buffer.byteLength(body)}`,
      ...lines,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    await request.#heardOf("HTTP/1.1 ");
    return request;
  }

  private constructor(socket: Socket, body: string) {
    this.socket = socket;
    this.#body = Buffer.from(body);
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => (this.#heard += data.toString()));
    const closed = once(socket, "close");
    this.ended = closed.then(() => this.#answer());
  }

  /** Whether the server has answered already, whatever the body will be. */
  get isAnswered(): boolean {
    return /^HTTP\/1\.1 [2-5]/m.test(this.#heard);
  }

  /** Sends the body, unless it is not wanted any more. */
  finish(): Promise<RawAnswer> {
    if (!this.isAnswered) this.socket.write(this.#body);
    return this.ended;
  }

  async #heardOf(text: string): Promise<void> {
    while (!this.#heard.includes(text)) await Promise.race([once(this.socket, "data"), this.ended]);
  }

  #answer(): RawAnswer {
    const status = /^HTTP\/1\.1 ([2-5]\d\d)/m.exec(this.#heard)?.[1];
    const body = this.#heard.slice(this.#heard.lastIndexOf("\r\n\r\n") + 4);
    return { status: Number(status ?? 0), text: body };
  }
}
