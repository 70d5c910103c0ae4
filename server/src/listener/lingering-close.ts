import type { IncomingMessage } from "node:http";

/** Milliseconds for which the rest of an unread body is discarded, and the longest pause within it. */
const lingerTime = 30_000;
const lingerSilence = 5_000;
/** The same for a client whose key has ended, or while the server stops; less than its connection has left. */
const lastLingerTime = 1_000;

/** Whether the request has a body that has not arrived completely. */
export const isUnread = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0");

/**
 * Discards what a client still sends after its response. Many clients read nothing before they have sent everything,
 * and closing with unread bytes would lose the response (as `lingering_close` of nginx does).
 *
 * @param closing aborts when the server begins to stop, which an answered client must not delay
 * @param signal aborts when the client may no longer send; its connection is cut soon after
 * @returns once the body has ended, the client has disconnected, or the time is up
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
  const received = () => silence.refresh();
  request.on("data", received);
  request.once("end", resolve);
  request.once("close", resolve);
  request.resume();
  try {
    await promise;
  } finally {
    timers.forEach(clearTimeout);
    signal?.removeEventListener("abort", end);
    closing.removeEventListener("abort", hurry);
    request.off("data", received);
    request.off("end", resolve);
    request.off("close", resolve);
  }
}
