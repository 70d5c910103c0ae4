import { ArrwError } from "@arrwdb/protocol/errors/errors";

/**
 * The promise's outcome; throws `upload_stalled` if the client is too slow.
 *
 * @param timeout milliseconds.
 * @param what the beginning of the message: what did not happen in time
 */
export async function beforeStall<Value>(promise: Promise<Value>, timeout: number, what: string): Promise<Value> {
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `${what} for ${timeout / 1000} seconds; earlier lines were committed`;
    stalled.reject(new ArrwError("upload_stalled", message));
  }, timeout);
  try {
    return await Promise.race([promise, stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}
