import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** Placeholder for an unknown address: the peer disconnected before it could be read. */
const unknown = "unknown";

const addresses = new WeakMap<Socket, string>();

const remember = (socket: Socket) => void addresses.set(socket, socket.remoteAddress ?? unknown);

/** Stores the address of each peer when it connects, as a closed socket no longer has it. */
export function rememberAddresses(server: Server): void {
  server.on("connection", remember);
  // Requests over TLS use a socket of their own.
  server.on("secureConnection", remember);
}

/** Address of the request's peer, also after it has disconnected. */
export const addressOf = ({ socket }: Pick<IncomingMessage, "socket">): string =>
  addresses.get(socket) ?? socket.remoteAddress ?? unknown;
