import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** What stands for an address that nobody knows any more: the peer was gone before it could be asked for. */
const unknown = "unknown";

const addresses = new WeakMap<Socket, string>();

const remember = (socket: Socket) => void addresses.set(socket, socket.remoteAddress ?? unknown);

/** Notes the address of each peer when it connects: a socket that is closed knows it no longer. */
export function rememberAddresses(server: Server): void {
  server.on("connection", remember);
  // Requests over TLS come through a socket of their own.
  server.on("secureConnection", remember);
}

/** Who is at the other end of the request's connection, also after it has hung up. */
export const addressOf = ({ socket }: Pick<IncomingMessage, "socket">): string =>
  addresses.get(socket) ?? socket.remoteAddress ?? unknown;
