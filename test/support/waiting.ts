/** Milliseconds that anything is waited for in a test; where something may take longer, it says so. */
export const patience = 60_000;
/** Between two looks, for which the server in the same process needs the time more. */
const pause = 2;

/** What is waited for, for the message where it does not come. */
export type Awaited = string | (() => string);

const late = (what: Awaited, timeout: number) =>
  new Error(`Waited ${timeout / 1000} seconds for ${typeof what === "string" ? what : what()}`);

/** Gives what the promise gives. */
export async function within<Value>(promise: Promise<Value>, what: Awaited, timeout = patience): Promise<Value> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late(what, timeout)), timeout);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets everything else go on until it is so. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: Awaited = isSo.toString(),
  timeout = patience,
): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await within(Promise.resolve(isSo()), what, timeout))) {
    if (performance.now() > end) throw late(what, timeout);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
