const segmentSlots = 16_384;

/** The key in each slot, in segments, so that growing copies nothing. */
export class KeyColumn {
  readonly #segments: Float64Array<ArrayBuffer>[] = [];

  get bytes(): number {
    return this.#segments.length * segmentSlots * Float64Array.BYTES_PER_ELEMENT;
  }

  get(slot: number): number {
    return this.#segments[Math.floor(slot / segmentSlots)]?.[slot % segmentSlots] ?? -1;
  }

  set(slot: number, key: number): void {
    const place = Math.floor(slot / segmentSlots);
    while (this.#segments.length <= place) this.#segments.push(new Float64Array(segmentSlots));
    const segment = this.#segments[place];
    if (segment !== undefined) segment[slot % segmentSlots] = key;
  }
}
