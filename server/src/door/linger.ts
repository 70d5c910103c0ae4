import type { IncomingMessage } from "node:http";

/** Milliseconds for which a body is thrown away that nobody reads, and for which nothing of it may come meanwhile. */
const lingerTime = 30_000;
const lingerSilence = 5_000;
/** The same for a client that may send nothing any more: less than its connection has left. */
const lastLingerTime = 1_000;

/** Whether a body was announced that is not here to its end. */
export const isUnread = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0");

/**
 * Throws away what a client goes on sending though it was answered already. Many clients read nothing before they have sent
 * everything, and closing over bytes that were not read takes the answer from them (as `lingering_close` of nginx does).
 *
 * @param signal aborts when the client may send nothing any more; its connection is cut soon after
 * @returns when there is nothing more to wait for: the body has ended, the client has gone, or it takes too long.
 */
export async function lingering(request: IncomingMessage, signal?: AbortSignal): Promise<void> {
  if (!isUnread(request) || request.socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const silence = setTimeout(resolve, lingerSilence);
  const whole = setTimeout(resolve, signal?.aborted === true ? lastLingerTime : lingerTime);
  const end = () => resolve();
  signal?.addEventListener("abort", end);
  const heard = () => silence.refresh();
  request.on("data", heard);
  request.once("end", resolve);
  request.once("close", resolve);
  request.resume();
  try {
    await promise;
  } finally {
    clearTimeout(silence);
    clearTimeout(whole);
    signal?.removeEventListener("abort", end);
    request.off("data", heard);
    request.off("end", resolve);
    request.off("close", resolve);
  }
}
