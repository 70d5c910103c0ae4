import { gone, type NewNumbers } from "../rows/bitmap.ts";
import { compareTerms, encodedText, instantTag, maxTermBytes, textTag, wholeBytes } from "./field-term.ts";
import type { ValueVisitor } from "./value-walk.ts";

/** A term and its rows, ascending. */
export interface TermRows {
  readonly term: Uint8Array;
  readonly rows: Uint32Array;
}

/** A serialized run. */
export interface SavedRun {
  readonly bytes: Uint8Array;
  readonly terms: Uint32Array;
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

/** Bytes that a number holds exactly. */
const orderBytes = 6;

interface Containing {
  readonly sure: readonly Uint32Array[];
  /** Terms of texts of which only the beginning is stored. */
  readonly maybe: readonly Uint32Array[];
}

/** Sorted terms with their rows, in four arrays: 8 bytes and the term per term, 4 per row. */
export class TermRun {
  readonly #bytes: Uint8Array;
  /** Offset of each term in the bytes, and the end of the last. */
  readonly #terms: Uint32Array;
  /** Offset of each term's rows, and the end of the last ones. */
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;

  constructor({ bytes, terms, starts, rows }: SavedRun) {
    this.#bytes = bytes;
    this.#terms = terms;
    this.#starts = starts;
    this.#rows = rows;
  }

  /** @param entries in any order; for the same term, lower rows first */
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
    return writer.run();
  }

  /** @param later has no row less than those of the first */
  static merge(first: TermRun, later: TermRun): TermRun {
    const writer = new RunWriter(
      first.#bytes.length + later.#bytes.length,
      first.terms + later.terms,
      first.size + later.size,
    );
    let one = 0;
    let other = 0;
    while (one < first.terms || other < later.terms) {
      const order = one === first.terms ? 1 : other === later.terms ? -1 : first.compareAt(one, later, other);
      if (order <= 0) first.#writeTerm(writer, one);
      else later.#writeTerm(writer, other);
      if (order <= 0) first.#writeRows(writer, one++);
      if (order >= 0) later.#writeRows(writer, other++);
    }
    return writer.run();
  }

  saved(): SavedRun {
    return { bytes: this.#bytes, terms: this.#terms, starts: this.#starts, rows: this.#rows };
  }

  renumbered(numbers: NewNumbers): TermRun {
    const writer = new RunWriter(this.#bytes.length, this.terms, this.size);
    for (let index = 0; index < this.terms; index++) {
      let written = false;
      const end = this.#starts[index + 1] ?? 0;
      for (let place = this.#starts[index] ?? 0; place < end; place++) {
        const row = numbers[this.#rows[place] ?? 0] ?? gone;
        if (row === gone) continue;
        if (!written) this.#writeTerm(writer, index);
        writer.row(row);
        written = true;
      }
    }
    return writer.run();
  }

  get terms(): number {
    return this.#starts.length - 1;
  }

  /** Total number of rows over all terms. */
  get size(): number {
    return this.#rows.length;
  }

  get bytes(): number {
    return 600 + this.#bytes.byteLength + this.#terms.byteLength + this.#starts.byteLength + this.#rows.byteLength;
  }

  /**
   * Index of the first term that is not less than this one, or with `behind` of the first that is greater, comparing at most
   * `limit` bytes.
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

  /** The rows of one term. */
  find(term: Uint8Array): Uint32Array {
    const index = this.position(term, false);
    const from = this.#terms[index] ?? 0;
    const to = this.#terms[index + 1] ?? from;
    const same = compareTerms(this.#bytes, from, to, term, 0, term.length, maxTermBytes) === 0;
    return this.rows(index, same ? index + 1 : index);
  }

  /** The rows of a range of terms. */
  rows(from: number, to: number): Uint32Array {
    return this.#rows.subarray(this.#starts[from], this.#starts[Math.max(from, to)]);
  }

  /** The rows of texts that contain a substring, which is not empty. */
  containing(part: string): Containing {
    const needle = encodedText(part);
    const haystack = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const sure: Uint32Array[] = [];
    const maybe: Uint32Array[] = [];
    const first = this.position(Uint8Array.of(textTag), false);
    const last = this.position(Uint8Array.of(instantTag), false);
    let hit = haystack.indexOf(needle, this.#terms[first]);
    let from = first;
    let known: readonly Uint32Array[] | undefined;
    for (let term = first; term <= last; term++) {
      const begin = this.#terms[term] ?? 0;
      const end = this.#terms[term + 1] ?? 0;
      const textEnd = Math.min(end, begin + wholeBytes);
      while (hit !== -1 && hit < begin + 1) hit = haystack.indexOf(needle, begin + 1);
      const holds = hit !== -1 && hit + needle.length <= textEnd;
      const list = term === last ? undefined : holds ? sure : end - begin === maxTermBytes ? maybe : undefined;
      if (list === known) continue;
      if (known === sure) sure.push(this.rows(from, term));
      else if (known === maybe) maybe.push(this.rows(from, term));
      known = list;
      from = term;
    }
    return { sure, maybe };
  }

  /** Visits the rows of one term; returns their number. */
  visitRows(index: number, visitor: ValueVisitor): number {
    const from = this.#starts[index] ?? 0;
    const to = this.#starts[index + 1] ?? from;
    visitor.rows(this.#rows, from, to);
    return to - from;
  }

  /** A number that orders terms by the bytes that follow the first ones, as far as it holds them. */
  orderAt(index: number, behind: number): number {
    const from = (this.#terms[index] ?? 0) + behind;
    const end = this.#terms[index + 1] ?? 0;
    let order = 0;
    for (let place = from; place < from + orderBytes; place++)
      order = order * 256 + (place < end ? (this.#bytes[place] ?? 0) : 0);
    return order;
  }

  /** A copy of one term. */
  termAt(index: number): Uint8Array {
    return this.#bytes.slice(this.#terms[index], this.#terms[index + 1]);
  }

  /** Below 0 if the term comes before one of another run. */
  compareAt(index: number, other: TermRun, otherIndex: number): number {
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

/** Fills the arrays of a run; each term is added before its rows. */
class RunWriter {
  readonly #bytes: Uint8Array;
  readonly #terms: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;
  #byteCount = 0;
  #termCount = 0;
  #rowCount = 0;

  /** Capacities. */
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

  row(row: number): void {
    this.#rows[this.#rowCount++] = row;
  }

  rows(rows: Uint32Array, from: number, to: number): void {
    for (let index = from; index < to; index++) this.row(rows[index] ?? 0);
  }

  run(): TermRun {
    this.#terms[this.#termCount] = this.#byteCount;
    this.#starts[this.#termCount] = this.#rowCount;
    const terms = this.#termCount + 1;
    const used = terms === this.#terms.length;
    return new TermRun({
      bytes: used ? this.#bytes : this.#bytes.slice(0, this.#byteCount),
      terms: used ? this.#terms : this.#terms.slice(0, terms),
      starts: used ? this.#starts : this.#starts.slice(0, terms),
      rows: this.#rowCount === this.#rows.length ? this.#rows : this.#rows.slice(0, this.#rowCount),
    });
  }
}
