/** Each part grows by itself, so that growing never takes long. */
const parts = 256;
const initialPlaces = 8;
const greatestLoad = 0.75;

/**
 * Maps keys to slots: an open-addressing hash table (linear probing, deletion by shifting back; Knuth, The Art of Computer
 * Programming 6.4, algorithm R) of some 7 bytes per key, as the keys themselves are stored in the slots.
 */
export class SlotTable {
  readonly #keyOf: (slot: number) => number;
  /** Slot plus one; 0 for an empty entry. */
  readonly #places: Uint32Array<ArrayBuffer>[] = Array.from({ length: parts }, () => new Uint32Array(initialPlaces));
  readonly #counts = new Uint32Array(parts);

  /** @param keyOf returns the key in an occupied slot */
  constructor(keyOf: (slot: number) => number) {
    this.#keyOf = keyOf;
  }

  get bytes(): number {
    return this.#places.reduce((sum, places) => sum + places.byteLength, 0);
  }

  find(key: number): number | undefined {
    const hash = hashOf(key);
    const places = this.#part(hash);
    const slot = places[this.#place(places, hash, key)] ?? 0;
    return slot === 0 ? undefined : slot - 1;
  }

  /** Maps a key to `slot`. */
  put(key: number, slot: number): void {
    const hash = hashOf(key);
    let places = this.#part(hash);
    const part = hash >>> 24;
    const count = this.#counts[part] ?? 0;
    const place = this.#place(places, hash, key);
    if (places[place] !== 0) {
      places[place] = slot + 1;
      return;
    }
    if (count + 1 > places.length * greatestLoad) places = this.#grow(part, places);
    places[this.#place(places, hash, key)] = slot + 1;
    this.#counts[part] = count + 1;
  }

  remove(key: number): void {
    const hash = hashOf(key);
    const places = this.#part(hash);
    let hole = this.#place(places, hash, key);
    if (places[hole] === 0) return;
    this.#counts[hash >>> 24] = (this.#counts[hash >>> 24] ?? 0) - 1;
    const mask = places.length - 1;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const slot = places[place] ?? 0;
      const home = hashOf(this.#keyOf(slot - 1)) & mask;
      // Only an entry whose probe sequence includes the hole may move back into it.
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      places[hole] = slot;
      hole = place;
    }
    places[hole] = 0;
  }

  #part(hash: number): Uint32Array<ArrayBuffer> {
    const places = this.#places[hash >>> 24];
    if (places === undefined) throw new Error(`There is no part ${hash >>> 24}`);
    return places;
  }

  /** The entry of the key, or the one where it would be inserted. */
  #place(places: Uint32Array, hash: number, key: number): number {
    const mask = places.length - 1;
    let place = hash & mask;
    for (let slot = places[place] ?? 0; slot !== 0; slot = places[place] ?? 0) {
      if (this.#keyOf(slot - 1) === key) return place;
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(part: number, places: Uint32Array): Uint32Array<ArrayBuffer> {
    const larger = new Uint32Array(places.length * 2);
    this.#places[part] = larger;
    for (const slot of places) {
      if (slot === 0) continue;
      const key = this.#keyOf(slot - 1);
      larger[this.#place(larger, hashOf(key), key)] = slot;
    }
    return larger;
  }
}

/** The finalizer of MurmurHash3 (Appleby), over both halves of the key. */
function hashOf(key: number): number {
  let hash = (key | 0) ^ Math.imul(Math.floor(key / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
