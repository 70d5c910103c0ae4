/** Whom something is done for, such as one upload or one library: compared by identity. Undefined is one too. */
export type Flow = object | string | undefined;

/**
 * What waits, by flow. Flows take turns (round robin, Nagle: RFC 970), whoever came first and however much of each
 * waits; what is of one flow stays in its order. A flow of which nothing waits costs nothing and saves nothing up.
 */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #lines = new Map<Flow, Item[]>();
  /** What shall be taken out before anybody looks again, so that a thousand who leave at once cost one pass. */
  readonly #unwanted = new Map<Flow, Set<Item>>();
  #size = 0;

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** How many wait, of all flows. */
  get size(): number {
    this.#clean();
    return this.#size;
  }

  /** How many wait of one flow. */
  waiting(flow: Flow): number {
    return this.#waiting.get(flow)?.length ?? 0;
  }

  /** Whether one waits of a flow that may have a turn. */
  some(mayGo: (flow: Flow) => boolean): boolean {
    return this.#waiting.keys().some(mayGo);
  }

  add(flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    // What is taken out and comes back stands at the end.
    if (this.#unwanted.has(flow)) this.#clean();
    this.#size += items.length;
    const waiting = this.#lines.get(flow);
    if (waiting === undefined) this.#lines.set(flow, [...items]);
    else for (const item of items) waiting.push(item);
  }

  /** Puts back what was taken last of a flow: it comes before the rest of that flow, and its flow comes next. */
  putBack(flow: Flow, items: readonly Item[]): void {
    if (items.length === 0) return;
    this.#size += items.length;
    const others = [...this.#waiting].filter(([other]) => other !== flow);
    const rest = this.#waiting.get(flow) ?? [];
    this.#waiting.clear();
    this.#waiting.set(flow, [...items, ...rest]);
    for (const [other, waiting] of others) this.#waiting.set(other, waiting);
  }

  /** One turn: the first items of the flow that has waited longest, as many as `length` says of all that it has. */
  take(length: (items: readonly Item[]) => number): readonly Item[] {
    for (const [flow, items] of this.#waiting) return this.#turn(flow, items, length(items));
    return [];
  }

  /** The next item of the flow that has waited longest, of those that may have a turn. */
  next(mayGo: (flow: Flow) => boolean = () => true): Item | undefined {
    for (const [flow, items] of this.#waiting) if (mayGo(flow)) return this.#turn(flow, items, 1)[0];
    return undefined;
  }

  /** Further items of a flow that has just had its turn, as long as they are wanted: they belong to that turn. */
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

  /** Takes these out where they wait in this flow. The others keep their turns. */
  remove(flow: Flow, unwanted: Iterable<Item>): void {
    if (!this.#lines.has(flow)) return;
    const set = this.#unwanted.get(flow) ?? new Set();
    for (const item of unwanted) set.add(item);
    this.#unwanted.set(flow, set);
  }

  /** Takes everything. */
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
