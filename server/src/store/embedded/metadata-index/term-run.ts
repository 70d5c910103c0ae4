import { gone, type NewNumbers } from "./bitmap.ts";
import { compareTerms, encodedText, maxTermBytes, textTag, wholeBytes } from "./term.ts";

/** A term and the rows that have it, ascending. */
export interface TermRows {
  readonly term: Uint8Array;
  readonly rows: Uint32Array;
}

interface Containing {
  readonly sure: readonly Uint32Array[];
  /** Of texts of which only the beginning is known. */
  readonly maybe: readonly Uint32Array[];
}

/** Terms in order, each with its rows, in four arrays: 8 bytes and the term for each term, 4 for each row. */
export class TermRun {
  readonly #bytes: Uint8Array;
  /** Where each term begins among the bytes, and where the last ends. */
  readonly #terms: Uint32Array;
  /** Where each term's rows begin, and where those of the last end. */
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;

  private constructor(bytes: Uint8Array, terms: Uint32Array, starts: Uint32Array, rows: Uint32Array) {
    this.#bytes = bytes;
    this.#terms = terms;
    this.#starts = starts;
    this.#rows = rows;
  }

  /** @param entries in any order; of the same term, those with lower rows first */
  static of(entries: readonly TermRows[]): TermRun {
    const sorted = entries.toSorted((a, b) =>
      compareTerms(a.term, 0, a.term.length, b.term, 0, b.term.length, maxTermBytes),
    );
    const writer = new RunWriter(
      entries.reduce((sum, { term }) => sum + term.length, 0),
      entries.length,
      entries.reduce((sum, { rows }) => sum + rows.length, 0),
    );
    let last: Uint8Array | undefined;
    for (const { term, rows } of sorted) {
      if (last === undefined || compareTerms(term, 0, term.length, last, 0, last.length, maxTermBytes) !== 0)
        writer.term(term, 0, term.length);
      writer.rows(rows, 0, rows.length);
      last = term;
    }
    return new TermRun(...writer.arrays());
  }

  /** @param later has no row that is below those of the first */
  static merge(first: TermRun, later: TermRun): TermRun {
    const writer = new RunWriter(
      first.#bytes.length + later.#bytes.length,
      first.terms + later.terms,
      first.size + later.size,
    );
    let one = 0;
    let other = 0;
    while (one < first.terms || other < later.terms) {
      const order = one === first.terms ? 1 : other === later.terms ? -1 : first.#compare(one, later, other);
      if (order <= 0) first.#writeTerm(writer, one);
      else later.#writeTerm(writer, other);
      if (order <= 0) first.#writeRows(writer, one++);
      if (order >= 0) later.#writeRows(writer, other++);
    }
    return new TermRun(...writer.arrays());
  }

  renumbered(numbers: NewNumbers): TermRun {
    const writer = new RunWriter(this.#bytes.length, this.terms, this.size);
    for (let index = 0; index < this.terms; index++) {
      const rows = this.rows(index, index + 1)
        .map((row) => numbers[row] ?? gone)
        .filter((row) => row !== gone);
      if (rows.length === 0) continue;
      this.#writeTerm(writer, index);
      writer.rows(rows, 0, rows.length);
    }
    return new TermRun(...writer.arrays());
  }

  get terms(): number {
    return this.#starts.length - 1;
  }

  /** How many rows it has, counted for each term. */
  get size(): number {
    return this.#rows.length;
  }

  get bytes(): number {
    return 600 + this.#bytes.byteLength + this.#terms.byteLength + this.#starts.byteLength + this.#rows.byteLength;
  }

  /**
   * The first term that does not come before this one, or with `behind` the first that comes after it, looking at no
   * more than `limit` bytes.
   */
  position(term: Uint8Array, behind: boolean, limit = maxTermBytes): number {
    let low = 0;
    let high = this.terms;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const from = this.#terms[middle] ?? 0;
      const to = this.#terms[middle + 1] ?? 0;
      const order = compareTerms(this.#bytes, from, to, term, 0, term.length, limit);
      if (order < 0 || (behind && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The rows of some terms that follow each other. */
  rows(from: number, to: number): Uint32Array {
    return this.#rows.subarray(this.#starts[from], this.#starts[Math.max(from, to)]);
  }

  /** The rows of texts that have a part, which is not empty. */
  containing(part: string): Containing {
    const needle = encodedText(part);
    const haystack = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const sure: Uint32Array[] = [];
    const maybe: Uint32Array[] = [];
    const first = this.position(Uint8Array.of(textTag), false);
    let hit = haystack.indexOf(needle, this.#terms[first]);
    let from = first;
    let known: readonly Uint32Array[] | undefined;
    for (let term = first; term <= this.terms; term++) {
      const begin = this.#terms[term] ?? 0;
      const end = this.#terms[term + 1] ?? 0;
      const textEnd = Math.min(end, begin + wholeBytes);
      while (hit !== -1 && hit < begin + 1) hit = haystack.indexOf(needle, begin + 1);
      const holds = hit !== -1 && hit + needle.length <= textEnd;
      const list = term === this.terms ? undefined : holds ? sure : end - begin === maxTermBytes ? maybe : undefined;
      if (list === known) continue;
      if (known === sure) sure.push(this.rows(from, term));
      else if (known === maybe) maybe.push(this.rows(from, term));
      known = list;
      from = term;
    }
    return { sure, maybe };
  }

  #compare(index: number, other: TermRun, otherIndex: number): number {
    const from = this.#terms[index] ?? 0;
    const to = this.#terms[index + 1] ?? 0;
    const otherFrom = other.#terms[otherIndex] ?? 0;
    const otherTo = other.#terms[otherIndex + 1] ?? 0;
    return compareTerms(this.#bytes, from, to, other.#bytes, otherFrom, otherTo, maxTermBytes);
  }

  #writeTerm(writer: RunWriter, index: number): void {
    writer.term(this.#bytes, this.#terms[index] ?? 0, this.#terms[index + 1] ?? 0);
  }

  #writeRows(writer: RunWriter, index: number): void {
    writer.rows(this.#rows, this.#starts[index] ?? 0, this.#starts[index + 1] ?? 0);
  }
}

/** Writes the arrays of a run, each term before its rows. */
class RunWriter {
  readonly #bytes: Uint8Array;
  readonly #terms: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;
  #byteCount = 0;
  #termCount = 0;
  #rowCount = 0;

  /** The most that there may be of each. */
  constructor(bytes: number, terms: number, rows: number) {
    this.#bytes = new Uint8Array(bytes);
    this.#terms = new Uint32Array(terms + 1);
    this.#starts = new Uint32Array(terms + 1);
    this.#rows = new Uint32Array(rows);
  }

  term(bytes: Uint8Array, from: number, to: number): void {
    this.#terms[this.#termCount] = this.#byteCount;
    this.#starts[this.#termCount++] = this.#rowCount;
    for (let index = from; index < to; index++) this.#bytes[this.#byteCount++] = bytes[index] ?? 0;
  }

  rows(rows: Uint32Array, from: number, to: number): void {
    for (let index = from; index < to; index++) this.#rows[this.#rowCount++] = rows[index] ?? 0;
  }

  arrays(): [Uint8Array, Uint32Array, Uint32Array, Uint32Array] {
    this.#terms[this.#termCount] = this.#byteCount;
    this.#starts[this.#termCount] = this.#rowCount;
    const terms = this.#termCount + 1;
    const used = terms === this.#terms.length;
    return [
      used ? this.#bytes : this.#bytes.slice(0, this.#byteCount),
      used ? this.#terms : this.#terms.slice(0, terms),
      used ? this.#starts : this.#starts.slice(0, terms),
      this.#rowCount === this.#rows.length ? this.#rows : this.#rows.slice(0, this.#rowCount),
    ];
  }
}
