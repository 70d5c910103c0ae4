import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A network that can fail on demand: passes bytes on to a server, which may be another one after a restart, while the
 * address that clients know stays.
 */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #target: URL;
  #accepted = 0;
  #refusing = false;
  #silent = false;
  #cuts = 0;
  /** Bytes that the server may send on one connection before it is cut, in the middle of whatever that may be. */
  cutAfter = Infinity;

  static async start(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Connections that came so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that were cut for `cutAfter`. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Where new connections go from now on. */
  redirect(target: string): void {
    this.#target = new URL(target);
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Ends the connections that are chosen; tells how many. */
  cutSome(chosen: () => boolean): number {
    const pairs = [...this.#pairs].filter(chosen);
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    return pairs.length;
  }

  /** Whether connections are cut the moment they come. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Whether bytes are swallowed, as by a network that lost its way. */
  silence(silent: boolean): void {
    this.#silent = silent;
  }

  /** Fails no more. */
  heal(): void {
    this.cutAfter = Infinity;
    this.#refusing = false;
    this.#silent = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    if (this.#server.listening) await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    if (this.#refusing) return void client.destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    client.on("data", (data) => {
      if (!this.#silent) server.write(data);
    });
    let passed = 0;
    let full = false;
    server.on("data", (data: Buffer) => {
      if (this.#silent || full) return;
      // A connection that is kept may have had more than that before it was bounded: it is cut at once.
      const part = data.subarray(0, Math.max(0, this.cutAfter - passed));
      passed += data.byteLength;
      full = passed >= this.cutAfter;
      if (full) this.#cuts += 1;
      client.write(part, full ? end : undefined);
    });
  }
}
