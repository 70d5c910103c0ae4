import { FairQueue, type Flow } from "./fair-queue.ts";

/**
 * A queue by caller and flow. Callers take turns, and so do the flows of each: a caller gets no larger share by asking for
 * more, or for more flows. Items of one caller and flow stay in order.
 */
export class CallerQueue<Item> {
  /** In order of their turns. */
  readonly #callers = new Map<string | undefined, FairQueue<Item>>();
  #size = 0;

  get empty(): boolean {
    return this.#callers.size === 0;
  }

  /** Number of waiting items of all callers. */
  get size(): number {
    return this.#size;
  }

  add(caller: string | undefined, flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    this.#size += items.length;
    let queue = this.#callers.get(caller);
    if (queue === undefined) {
      queue = new FairQueue();
      this.#callers.set(caller, queue);
    }
    queue.add(flow, items);
  }

  /** The next item of the caller that has waited longest, from the flows that may have a turn. */
  next(mayGo?: (flow: Flow) => boolean): Item | undefined {
    for (const [caller, queue] of this.#callers) {
      const item = queue.next(mayGo);
      if (item === undefined) continue;
      this.#size--;
      this.#callers.delete(caller);
      if (!queue.empty) this.#callers.set(caller, queue);
      return item;
    }
    return undefined;
  }

  /** Further items of a flow that has just had its turn, from any caller, while `isWanted` accepts them. */
  more(flow: Flow, most: number, isWanted: (item: Item) => boolean): readonly Item[] {
    const taken: Item[] = [];
    for (const [caller, queue] of this.#callers) {
      if (taken.length === most) break;
      taken.push(...queue.more(flow, most - taken.length, isWanted));
      if (queue.empty) this.#callers.delete(caller);
    }
    this.#size -= taken.length;
    return taken;
  }

  /** Removes and returns everything. */
  clear(): readonly Item[] {
    const items = this.#callers
      .values()
      .flatMap((queue) => queue.clear())
      .toArray();
    this.#callers.clear();
    this.#size = 0;
    return items;
  }
}
