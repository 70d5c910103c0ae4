import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { HeldBytes } from "../scheduling/body-budget.ts";

/** Bytes of a message on its way that are counted for nobody: most messages are no longer. */
const free = 16_384;
/** Bytes of a control frame of a client before its payload. */
const controlHead = 6;

/**
 * Holds what has come of a message that is not whole yet, as a peer may keep any part of one waiting for as long as it likes.
 *
 * @param held gives room; let go when the connection ends
 * @param full is called where there is none
 */
export function holdArriving(
  webSocket: WebSocket,
  socket: Socket,
  held: HeldBytes,
  full: (error: unknown) => void,
): void {
  let arrived = 0;
  let taken = 0;
  const letGo = () => {
    arrived = 0;
    taken = 0;
    held.release();
  };
  // Before the frames in it are read, so that a message takes off what it was made of.
  socket.prependListener("data", ({ length }: Buffer) => {
    arrived += length;
    const more = arrived - free - taken;
    if (more <= 0) return;
    try {
      held.take(more);
      taken += more;
    } catch (error) {
      full(error);
    }
  });
  const control = ({ length }: Buffer) => (arrived = Math.max(0, arrived - length - controlHead));
  webSocket.on("ping", control);
  webSocket.on("pong", control);
  webSocket.on("message", letGo);
  webSocket.once("close", letGo);
}
