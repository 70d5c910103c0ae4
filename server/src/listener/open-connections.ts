import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The HTTP connections, including new ones; the WebSocket gateway tracks those that are upgraded. */
export class Connections {
  /** By the peer's address and port, as a TLS connection replaces its plain socket. */
  readonly #sockets = new Map<string, Socket>();

  constructor(server: Server) {
    server.on("connection", (socket) => this.#add(socket));
    server.on("secureConnection", (socket: Socket) => this.#add(socket));
    server.on("upgrade", (_request: IncomingMessage, socket: Duplex) => {
      if (socket instanceof Socket) this.#sockets.delete(peerOf(socket));
    });
  }

  get all(): readonly Socket[] {
    return this.#sockets.values().toArray();
  }

  #add(socket: Socket): void {
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    socket.once("close", () => {
      if (this.#sockets.get(peer) === socket) this.#sockets.delete(peer);
    });
  }
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
