/** Segments of a collection that are copied before they change, if somebody reads them as they were. */
export class CopyOnWrite<Segment extends object> {
  readonly #copy: (segment: Segment) => Segment;
  readonly #frozen = new WeakSet<Segment>();

  constructor(copy: (segment: Segment) => Segment) {
    this.#copy = copy;
  }

  /** The segments as they are now, for as long as somebody holds them. */
  freeze(segments: readonly Segment[]): readonly Segment[] {
    for (const segment of segments) this.#frozen.add(segment);
    return [...segments];
  }

  /** The segment at a place, which may be changed: where it is frozen, a copy takes its place. */
  writable(segments: Segment[], place: number): Segment {
    const segment = segments[place];
    if (segment === undefined) throw new Error(`There is no segment ${place}`);
    if (!this.#frozen.has(segment)) return segment;
    const copy = this.#copy(segment);
    segments[place] = copy;
    return copy;
  }
}
