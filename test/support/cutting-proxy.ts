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
  /** Sees what the server sends; true cuts the connection before it is passed on. */
  cutWhen: ((data: Buffer) => boolean) | undefined;

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

  get open(): number {
    return this.#pairs.size;
  }

  /** Where new connections go from now on. */
  redirect(target: string): void {
    this.#target = new URL(target);
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Whether connections are cut the moment they come. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Whether bytes are swallowed, as by a network that lost its way. */
  silence(silent: boolean): void {
    this.#silent = silent;
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
    server.on("data", (data: Buffer) => {
      if (this.cutWhen?.(data) === true) end();
      else if (!this.#silent) client.write(data);
    });
  }
}
