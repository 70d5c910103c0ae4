import type { IncomingMessage } from "node:http";

/** Milliseconds for which a body is thrown away that nobody reads, and for which nothing of it may come meanwhile. */
const lingerTime = 30_000;
const lingerSilence = 5_000;
/** The same for a client that may send nothing any more, which is less than its connection has left, or while the server stops. */
const lastLingerTime = 1_000;

/** Whether a body was announced that is not here to its end. */
export const isUnread = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0");

/**
 * Throws away what a client goes on sending though it was answered already. Many clients read nothing before they have sent
 * everything, and closing over bytes that were not read takes the answer from them (as `lingering_close` of nginx does).
 *
 * @param closing aborts when the server begins to stop, which an answered client must not hold up
 * @param signal aborts when the client may send nothing any more; its connection is cut soon after
 * @returns when there is nothing more to wait for: the body has ended, the client has gone, or it takes too long.
 */
export async function lingering(request: IncomingMessage, closing: AbortSignal, signal?: AbortSignal): Promise<void> {
  if (!isUnread(request) || request.socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const silence = setTimeout(resolve, lingerSilence);
  const isLast = closing.aborted || signal?.aborted === true;
  const timers = [silence, setTimeout(resolve, isLast ? lastLingerTime : lingerTime)];
  const end = () => resolve();
  const hurry = () => timers.push(setTimeout(resolve, lastLingerTime));
  signal?.addEventListener("abort", end);
  closing.addEventListener("abort", hurry);
  const heard = () => silence.refresh();
  request.on("data", heard);
  request.once("end", resolve);
  request.once("close", resolve);
  request.resume();
  try {
    await promise;
  } finally {
    timers.forEach(clearTimeout);
    signal?.removeEventListener("abort", end);
    closing.removeEventListener("abort", hurry);
    request.off("data", heard);
    request.off("end", resolve);
    request.off("close", resolve);
  }
}
