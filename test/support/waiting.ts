/** Milliseconds that anything is waited for in a test; where something may take longer, it says so. */
export const patience = 60_000;
/** Milliseconds between two looks: few at first, then ever more, as what is waited for needs the processor itself. */
const firstPause = 1;
const longestPause = 100;

/** What is waited for, for the message where it does not come. */
export type Awaited = string | (() => string);

const inWords = (what: Awaited) => (typeof what === "string" ? what : what());
const late = (what: Awaited, timeout: number) => new Error(`Waited ${timeout / 1000} seconds for ${inWords(what)}`);

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

export interface Waiting {
  /** What is waited for; the check's own words where it is not given. */
  readonly describe?: Awaited | undefined;
  /** Milliseconds. */
  readonly within?: number | undefined;
}

/**
 * Looks again and again until the check holds: it gives anything but `false`, and throws nothing, such as an expectation that
 * is not met yet. The message of the failure says what the last look found.
 *
 * @returns what the check gave
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  { describe = check.toString(), within: timeout = patience }: Waiting = {},
): Promise<Value> {
  const end = performance.now() + timeout;
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const seen = await within(look(check), describe, timeout);
    if ("value" in seen && seen.value !== false) return seen.value;
    if (performance.now() > end) throw notYet(seen, late(describe, timeout).message);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

type Seen<Value> = { readonly value: Value } | { readonly error: unknown };

async function look<Value>(check: () => Value | Promise<Value>): Promise<Seen<Value>> {
  try {
    return { value: await check() };
  } catch (error) {
    return { error };
  }
}

function notYet(seen: Seen<unknown>, message: string): Error {
  if ("value" in seen) return new Error(message);
  const { error: cause } = seen;
  return new Error(`${message}; the last look found: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
