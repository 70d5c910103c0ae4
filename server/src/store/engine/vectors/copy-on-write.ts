/** Segments of a collection, which are copied before they change if a snapshot uses them. */
export class CopyOnWrite<Segment extends object> {
  readonly #copy: (segment: Segment) => Segment;
  readonly #frozen = new WeakSet<Segment>();

  constructor(copy: (segment: Segment) => Segment) {
    this.#copy = copy;
  }

  /** A snapshot of the segments, which are copied on write from now on. */
  freeze(segments: readonly Segment[]): readonly Segment[] {
    for (const segment of segments) this.#frozen.add(segment);
    return [...segments];
  }

  /** The segment at an index, for changing: a frozen one is replaced by a copy. */
  writable(segments: Segment[], place: number): Segment {
    const segment = segments[place];
    if (segment === undefined) throw new Error(`There is no segment ${place}`);
    if (!this.#frozen.has(segment)) return segment;
    const copy = this.#copy(segment);
    segments[place] = copy;
    return copy;
  }
}
