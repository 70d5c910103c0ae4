import { KeyColumn } from "./key-column.ts";
import type { RowFile } from "./row-file.ts";
import { SlotTable } from "./slot-table.ts";

/** Contiguous rows of a file. */
export interface ListRun {
  readonly slot: number;
  readonly count: number;
}

/** The in-memory state of the lists, for saving and restoring. */
export interface ListsContent {
  /** The blocks of each list, in order. */
  readonly blocks: readonly (readonly number[])[];
  /** The keys of each list, in row order. */
  readonly keys: readonly Iterable<number>[];
  /** Greatest number of rows so far. */
  readonly peak: number;
}

export interface ListsOptions {
  readonly file: RowFile;
  readonly dimension: number;
  /** Number of lists. */
  readonly count: number;
  /** Rows per block. */
  readonly blockRows: number;
}

/**
 * Codes in lists, stored in a file. A list is a sequence of blocks, all full except the last: a removed row is replaced by
 * the list's last row, and empty blocks are reused. Only the keys are in memory.
 */
export class Lists {
  readonly blockRows: number;
  readonly #file: RowFile;
  readonly #dimension: number;
  readonly #blocks: number[][];
  readonly #sizes: Uint32Array<ArrayBuffer>;
  /** The list of each block, and the block's index in it. */
  readonly #owners: { list: number; position: number }[] = [];
  readonly #free: number[] = [];
  readonly #keys = new KeyColumn();
  readonly #slots = new SlotTable((slot) => this.#keys.get(slot));
  #size = 0;
  #peak = 0;

  constructor({ file, dimension, count, blockRows }: ListsOptions) {
    this.#file = file;
    this.#dimension = dimension;
    this.blockRows = blockRows;
    this.#blocks = Array.from({ length: count }, () => []);
    this.#sizes = new Uint32Array(count);
  }

  get size(): number {
    return this.#size;
  }

  get count(): number {
    return this.#blocks.length;
  }

  /** The fraction of allocated rows that are free. */
  get deletedFraction(): number {
    return this.#peak === 0 ? 0 : 1 - this.#size / this.#peak;
  }

  get bytes(): number {
    return this.#file.memory + this.#keys.bytes + this.#slots.bytes + 60 * this.#owners.length + 40 * this.count;
  }

  sizeOf(list: number): number {
    return this.#sizes[list] ?? 0;
  }

  key(slot: number): number {
    return this.#keys.get(slot);
  }

  slot(key: number): number | undefined {
    return this.#slots.find(key);
  }

  /** Allocates this many rows contiguously, as reading a list in one run is cheapest. */
  reserve(list: number, rows: number): void {
    for (let block = 0; block < Math.floor(rows / this.blockRows); block++) this.#addBlock(list);
  }

  /** @throws if writing fails; nothing has changed then */
  add(list: number, key: number, code: Int8Array): void {
    if (this.#slots.find(key) !== undefined) throw new Error(`Vector ${key} is there already`);
    const position = this.sizeOf(list);
    if (position >= (this.#blocks[list]?.length ?? 0) * this.blockRows) this.#addBlock(list);
    const slot = this.#slotAt(list, position);
    this.#file.write(slot, code);
    this.#put(list, slot, key);
  }

  /** Returns whether the key existed. */
  remove(key: number): boolean {
    const slot = this.#slots.find(key);
    if (slot === undefined) return false;
    const list = this.#owners[Math.floor(slot / this.blockRows)]?.list ?? 0;
    const last = this.sizeOf(list) - 1;
    const lastSlot = this.#slotAt(list, last);
    if (lastSlot !== slot) {
      const code = new Int8Array(this.#dimension);
      this.#file.read(lastSlot, 1, code, 0);
      this.#file.write(slot, code);
    }
    this.#slots.remove(key);
    if (lastSlot !== slot) {
      const moved = this.#keys.get(lastSlot);
      this.#slots.put(moved, slot);
      this.#keys.set(slot, moved);
    }
    this.#sizes[list] = last;
    this.#size--;
    if (last % this.blockRows === 0) this.#freeBlocks(list, last / this.blockRows);
    return true;
  }

  /** The rows of a list. */
  *runs(list: number): Generator<ListRun> {
    let run: ListRun | undefined;
    for (const [index, block] of (this.#blocks[list] ?? []).entries()) {
      const count = Math.min(this.blockRows, this.sizeOf(list) - index * this.blockRows);
      if (count <= 0) break;
      const slot = block * this.blockRows;
      if (run !== undefined && run.slot + run.count === slot) run = { slot: run.slot, count: run.count + count };
      else {
        if (run !== undefined) yield run;
        run = { slot, count };
      }
    }
    if (run !== undefined) yield run;
  }

  /** Every row, in file order. */
  *allRuns(): Generator<ListRun> {
    for (const [block, { list, position }] of this.#owners.entries()) {
      const count = Math.min(this.blockRows, this.sizeOf(list) - position * this.blockRows);
      if (position >= 0 && count > 0) yield { slot: block * this.blockRows, count };
    }
  }

  *keys(): Generator<number> {
    for (const { slot, count } of this.allRuns()) {
      for (let row = slot; row < slot + count; row++) yield this.#keys.get(row);
    }
  }

  read({ slot, count }: ListRun, into: Int8Array, at: number): void {
    this.#file.read(slot, count, into, at);
  }

  content(): ListsContent {
    const keysOf = (list: number) =>
      Array.from({ length: this.sizeOf(list) }, (_each, position) => this.#keys.get(this.#slotAt(list, position)));
    const used = this.#blocks.map((blocks, list) => blocks.slice(0, Math.ceil(this.sizeOf(list) / this.blockRows)));
    return { blocks: used, keys: this.#blocks.map((_blocks, list) => keysOf(list)), peak: this.#peak };
  }

  /** Fills empty lists with a saved state. */
  restore({ blocks, keys, peak }: ListsContent): void {
    for (const [list, own] of blocks.entries()) {
      for (const block of own) {
        while (this.#owners.length <= block) this.#owners.push({ list: 0, position: -1 });
        if (this.#owners[block]?.position !== -1) throw new Error(`Block ${block} is in two lists`);
        this.#own(block, list);
      }
    }
    for (const [block, { position }] of this.#owners.entries()) if (position < 0) this.#free.push(block);
    for (const [list, own] of keys.entries()) {
      for (const key of own) this.#put(list, this.#slotAt(list, this.sizeOf(list)), key);
    }
    this.#peak = Math.max(peak, this.#size);
  }

  #put(list: number, slot: number, key: number): void {
    this.#keys.set(slot, key);
    this.#slots.put(key, slot);
    this.#sizes[list] = this.sizeOf(list) + 1;
    this.#size++;
    this.#peak = Math.max(this.#peak, this.#size);
  }

  #slotAt(list: number, position: number): number {
    const block = this.#blocks[list]?.[Math.floor(position / this.blockRows)];
    if (block === undefined) throw new Error(`List ${list} has no place ${position}`);
    return block * this.blockRows + (position % this.blockRows);
  }

  #addBlock(list: number): void {
    const free = this.#free.pop();
    if (free === undefined) this.#owners.push({ list, position: -1 });
    this.#own(free ?? this.#owners.length - 1, list);
  }

  #own(block: number, list: number): void {
    const blocks = this.#blocks[list];
    const owner = this.#owners[block];
    if (blocks === undefined || owner === undefined) throw new Error(`There is no list ${list} or no block ${block}`);
    owner.list = list;
    owner.position = blocks.length;
    blocks.push(block);
  }

  #freeBlocks(list: number, from: number): void {
    for (const block of this.#blocks[list]?.splice(from) ?? []) {
      const owner = this.#owners[block];
      if (owner !== undefined) owner.position = -1;
      this.#free.push(block);
    }
  }
}
