import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { HeldBytes } from "../scheduling/body-budget.ts";

/** Bytes of a partial message that are not counted: most messages are no longer. */
const free = 16_384;
/** Bytes of a control frame of a client before its payload. */
const controlHead = 6;

/**
 * Accounts for the bytes of partial messages, as a peer may leave a message incomplete for as long as it likes.
 *
 * @param held reserves memory; released when the connection ends
 * @param full called if there is none left
 */
export function holdArriving(
  webSocket: WebSocket,
  socket: Socket,
  held: HeldBytes,
  full: (error: unknown) => void,
): void {
  let arrived = 0;
  let taken = 0;
  const release = () => {
    arrived = 0;
    taken = 0;
    held.release();
  };
  // Before the parser reads the frames, so that a complete message is subtracted after its bytes were added.
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
  webSocket.on("message", release);
  webSocket.once("close", release);
}
