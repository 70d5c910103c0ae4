import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A peer that speaks to the server in bytes of its own, well or badly. */
export class RawPeer {
  readonly socket: Socket;
  /** Resolves when the connection has ended, however it did. */
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #changed = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#tell();
    });
    socket.once("close", () => {
      resolve();
      this.#tell();
    });
  }

  /** @param localAddress whom the server takes it for; any of 127.0.0.0/8 */
  static async connect(url: string, localAddress = "127.0.0.1"): Promise<RawPeer> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    const peer = new RawPeer(socket);
    await once(socket, "connect");
    return peer;
  }

  /** One that never reads. */
  static async deaf(url: string, localAddress?: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(url, localAddress);
    peer.socket.removeAllListeners("data");
    peer.socket.pause();
    return peer;
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  get received(): string {
    return this.#received.toString("latin1");
  }

  /** What was received, once it has the text, or once the connection has ended. */
  async until(text: string, count = 1): Promise<string> {
    while (this.received.split(text).length <= count && !this.socket.destroyed) await this.#changed.promise;
    return this.received;
  }

  end(): void {
    this.socket.destroy();
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

/** The head of a request, with its lines. */
export const head = (line: string, ...headers: string[]): string =>
  `${[`${line} HTTP/1.1`, "host: localhost", ...headers].join("\r\n")}\r\n\r\n`;

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The first answer in what a peer received. */
export function answerIn(received: string): RawAnswer {
  const [top = "", ...rest] = received.split("\r\n\r\n");
  return { status: Number(top.split(" ")[1]), head: top.toLowerCase(), body: rest.join("\r\n\r\n") };
}
