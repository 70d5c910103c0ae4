import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes on to a server, and counts how often the server has sent some. */
export class WatchedRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sent = 0;
  #changed = Promise.withResolvers<void>();

  static async start(target: string): Promise<WatchedRelay> {
    const relay = new WatchedRelay(Number(new URL(target).port));
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      server.on("data", () => {
        this.#sent++;
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      });
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from
          .on("error", () => to.destroy())
          .on("close", () => {
            this.#sockets.delete(from);
            to.destroy();
          });
        from.pipe(to);
      }
    });
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The relay does not listen");
    return address.port;
  }

  /** Resolves when the server has sent something so many times more. */
  async heard(times: number): Promise<void> {
    const enough = this.#sent + times;
    while (this.#sent < enough) await this.#changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
