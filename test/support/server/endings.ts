import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What tests have begun and not ended. One that fails seldom gets to it, so its file does (leftovers.ts). */
const begun = new Set<() => Promise<void>>();

/** Ends something when it is called, or else when the test file is over. Ending it again does nothing. */
export function ending(end: () => Promise<void>): () => Promise<void> {
  let ended: Promise<void> | undefined;
  const endOnce = () => {
    begun.delete(endOnce);
    ended ??= end();
    return ended;
  };
  begun.add(endOnce);
  return endOnce;
}

/** A process that is killed when its test file is over, or the tests' own process. */
export function endingProcess<Child extends ChildProcess>(child: Child): Child {
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = once(child, "exit").catch(() => undefined);
  const end = ending(async () => {
    kill();
    await exited;
  });
  void exited.then(() => {
    process.off("exit", kill);
    return end();
  });
  return child;
}

/** Ends all that is left, what began last first, as servers have to be gone before their directories. */
export async function endAll(): Promise<void> {
  for (const end of [...begun].toReversed()) await end();
}
