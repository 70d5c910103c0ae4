import type { Steps } from "../../../../scheduling/steps.ts";
import { decodeTerm, instantTag } from "./field-term.ts";
import type { TermRun } from "./term-run.ts";
import type { ValueVisitor } from "./value-walk.ts";

/** Terms and rows per step. */
const termsAtOnce = 1_024;
const rowsAtOnce = 16_384;

/** The next term of a run. */
interface RunCursor {
  readonly run: TermRun;
  readonly end: number;
  place: number;
  /** The order of the term, unless it equals that of another. */
  order: number;
}

/** Visits the values of several runs, in the order of their terms. Instants, which texts denote, are no values of their own. */
export function* visitRuns(runs: readonly TermRun[], visitor: ValueVisitor): Steps<void> {
  const heap = new CursorHeap(runs);
  let terms = 0;
  let rows = 0;
  for (let next = heap.first; next !== undefined; next = heap.first) {
    const { run, place, order } = next;
    for (;;) {
      rows += next.run.visitRows(next.place, visitor);
      const before = heap.first;
      heap.advance();
      next = heap.first;
      // Terms of one run differ.
      if (next === undefined || next === before || next.order !== order) break;
      if (next.run.compareAt(next.place, run, place) !== 0) break;
    }
    visitor.value(() => {
      const term = run.termAt(place);
      return { term, value: decodeTerm(term) };
    });
    if (++terms < termsAtOnce && rows < rowsAtOnce) continue;
    terms = 0;
    rows = 0;
    yield;
  }
}

/** The runs by their next terms, the least first. */
class CursorHeap {
  readonly #cursors: RunCursor[] = [];
  /** Number of bytes that all terms begin with, and which therefore need not be compared. */
  readonly #shared: number;

  constructor(runs: readonly TermRun[]) {
    const used = runs
      .map((run) => ({ run, end: run.position(Uint8Array.of(instantTag), false) }))
      .filter(({ end }) => end > 0);
    this.#shared = sharedBeginning(used.flatMap(({ run, end }) => [run.termAt(0), run.termAt(end - 1)]));
    this.#cursors = used.map(({ run, end }) => ({ run, end, place: 0, order: run.orderAt(0, this.#shared) }));
    for (let index = (this.#cursors.length >>> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  get first(): RunCursor | undefined {
    return this.#cursors[0];
  }

  /** Moves the first run to its next term. */
  advance(): void {
    const [first] = this.#cursors;
    if (first === undefined) return;
    if (++first.place < first.end) {
      first.order = first.run.orderAt(first.place, this.#shared);
    } else {
      const last = this.#cursors.pop();
      if (last === undefined || last === first) return;
      this.#cursors[0] = last;
    }
    this.#sink(0);
  }

  #sink(from: number): void {
    const cursors = this.#cursors;
    for (let index = from; ;) {
      const left = 2 * index + 1;
      const least = this.#isLess(left + 1, left) ? left + 1 : left;
      if (!this.#isLess(least, index)) return;
      const one = cursors[index];
      const other = cursors[least];
      if (one === undefined || other === undefined) return;
      cursors[index] = other;
      cursors[least] = one;
      index = least;
    }
  }

  #isLess(one: number, other: number): boolean {
    const a = this.#cursors[one];
    const b = this.#cursors[other];
    if (a === undefined || b === undefined) return false;
    return a.order === b.order ? a.run.compareAt(a.place, b.run, b.place) < 0 : a.order < b.order;
  }
}

/** Number of bytes that all of these terms begin with: with the least and the greatest of a run, all of its terms. */
function sharedBeginning(terms: readonly Uint8Array[]): number {
  const [first = new Uint8Array(), ...others] = terms;
  let shared = 0;
  while (shared < first.length && others.every((term) => term[shared] === first[shared])) shared++;
  return shared;
}
