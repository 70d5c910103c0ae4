/** Whom something is done for, such as one upload: any object, compared by identity. Undefined is one too. */
export type Flow = object | undefined;

/**
 * What waits, by flow. Flows take turns (round robin, Nagle: RFC 970), whoever came first and however much of each
 * waits; what is of one flow stays in its order. A flow of which nothing waits costs nothing and saves nothing up.
 */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #waiting = new Map<Flow, Item[]>();

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  add(flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    const waiting = this.#waiting.get(flow);
    if (waiting === undefined) this.#waiting.set(flow, [...items]);
    else for (const item of items) waiting.push(item);
  }

  /** One turn: the first items of the flow that has waited longest, as many as `length` says of all that it has. */
  take(length: (items: readonly Item[]) => number): readonly Item[] {
    for (const [flow, items] of this.#waiting) {
      const taken = items.splice(0, length(items));
      this.#waiting.delete(flow);
      if (items.length > 0) this.#waiting.set(flow, items);
      return taken;
    }
    return [];
  }

  /** Takes these out, wherever they stand. The others keep their turns. */
  remove(unwanted: ReadonlySet<Item>): void {
    for (const [flow, items] of this.#waiting) {
      const wanted = items.filter((item) => !unwanted.has(item));
      if (wanted.length === 0) this.#waiting.delete(flow);
      else this.#waiting.set(flow, wanted);
    }
  }

  /** Takes everything. */
  clear(): readonly Item[] {
    const items = this.#waiting.values().toArray().flat();
    this.#waiting.clear();
    return items;
  }
}
