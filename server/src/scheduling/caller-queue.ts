import { FairQueue, type Flow } from "./fair-queue.ts";

/**
 * What waits, by who asks for it and what for. Callers take turns, and those of one caller go to its flows in turn: so
 * nobody gets more by asking for more, or of more flows. What one caller asks of one flow stays in its order.
 */
export class CallerQueue<Item> {
  /** In the order of their turns. */
  readonly #callers = new Map<string | undefined, FairQueue<Item>>();
  #size = 0;

  get empty(): boolean {
    return this.#callers.size === 0;
  }

  /** How many wait, of all callers. */
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

  /** The next item of the caller that has waited longest, of the flows that may have a turn. */
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

  /** Further items of a flow that has just had its turn, of any caller, as long as they are wanted. */
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

  /** Takes everything. */
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
