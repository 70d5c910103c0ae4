/** What items are grouped by, such as an upload or a library; compared by identity. Undefined is a flow too. */
export type Flow = object | string | undefined;

/**
 * A queue by flow. Flows take turns (round robin, Nagle: RFC 970), regardless of order of arrival and of how many items
 * each has; items of one flow stay in order. An empty flow takes no memory and accumulates no credit.
 */
export class FairQueue<Item> {
  /** In order of their turns. */
  readonly #lines = new Map<Flow, Item[]>();
  /** Items to be removed before the next access, so that a thousand cancelled at once cost one pass. */
  readonly #unwanted = new Map<Flow, Set<Item>>();
  #size = 0;

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Number of waiting items of all flows. */
  get size(): number {
    this.#clean();
    return this.#size;
  }

  /** Number of waiting items of one flow. */
  waiting(flow: Flow): number {
    return this.#waiting.get(flow)?.length ?? 0;
  }

  /** Whether an item waits in a flow that may have a turn. */
  some(mayGo: (flow: Flow) => boolean): boolean {
    return this.#waiting.keys().some(mayGo);
  }

  add(flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    // An item that was removed and added again goes to the end.
    if (this.#unwanted.has(flow)) this.#clean();
    this.#size += items.length;
    const waiting = this.#lines.get(flow);
    if (waiting === undefined) this.#lines.set(flow, [...items]);
    else for (const item of items) waiting.push(item);
  }

  /** Puts back the last items taken from a flow: they go to its front, and the flow comes next. */
  putBack(flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    this.#size += items.length;
    const others = [...this.#waiting].filter(([other]) => other !== flow);
    const rest = this.#waiting.get(flow) ?? [];
    this.#waiting.clear();
    this.#waiting.set(flow, [...items, ...rest]);
    for (const [other, waiting] of others) this.#waiting.set(other, waiting);
  }

  /** One turn: the first items of the flow that has waited longest, as many as `length` returns for all its items. */
  take(length: (items: readonly Item[]) => number): readonly Item[] {
    for (const [flow, items] of this.#waiting) return this.#turn(flow, items, length(items));
    return [];
  }

  /** The next item of the flow that has waited longest, of those that may have a turn. */
  next(mayGo: (flow: Flow) => boolean = () => true): Item | undefined {
    for (const [flow, items] of this.#waiting) if (mayGo(flow)) return this.#turn(flow, items, 1)[0];
    return undefined;
  }

  /** Further items of a flow that has just had its turn, while they are wanted; they belong to the same turn. */
  more(flow: Flow, most: number, isWanted: (item: Item) => boolean): readonly Item[] {
    const items = this.#waiting.get(flow) ?? [];
    const first = items.slice(0, most);
    const unwanted = first.findIndex((item) => !isWanted(item));
    const taken = items.splice(0, unwanted === -1 ? first.length : unwanted);
    this.#size -= taken.length;
    if (items.length === 0) this.#waiting.delete(flow);
    return taken;
  }

  #turn(flow: Flow, items: Item[], count: number): readonly Item[] {
    const taken = items.splice(0, count);
    this.#size -= taken.length;
    this.#waiting.delete(flow);
    if (items.length > 0) this.#waiting.set(flow, items);
    return taken;
  }

  /** Removes these from the flow if they still wait. The others keep their turns. */
  remove(flow: Flow, unwanted: Iterable<Item>): void {
    if (!this.#lines.has(flow)) return;
    const set = this.#unwanted.get(flow) ?? new Set();
    for (const item of unwanted) set.add(item);
    this.#unwanted.set(flow, set);
  }

  /** Removes and returns everything. */
  clear(): readonly Item[] {
    const items = this.#waiting.values().toArray().flat();
    this.#waiting.clear();
    this.#size = 0;
    return items;
  }

  get #waiting(): Map<Flow, Item[]> {
    this.#clean();
    return this.#lines;
  }

  #clean(): void {
    for (const [flow, unwanted] of this.#unwanted) {
      const items = this.#lines.get(flow) ?? [];
      const wanted = items.filter((item) => !unwanted.has(item));
      this.#size -= items.length - wanted.length;
      if (wanted.length === 0) this.#lines.delete(flow);
      else this.#lines.set(flow, wanted);
    }
    this.#unwanted.clear();
  }
}
