import type { InstantOperator, OrderOperator, Ordinal } from "@arrwdb/protocol/filter/filter-tree";
import { Bitmap, type NewNumbers } from "../rows/bitmap.ts";
import { type Bounds, exactly } from "./value-bounds.ts";
import {
  instantTag,
  instantTerm,
  maxTermBytes,
  numberTag,
  termOf,
  termsOf,
  textTag,
  type Value,
  wholeBytes,
} from "./field-term.ts";
import { type SavedRun, type TermRows, TermRun } from "./term-run.ts";
import type { Values } from "./field-values.ts";
import { visitRuns } from "./run-merge.ts";
import type { ValueWalk } from "./value-walk.ts";

export interface ManyLimits {
  /** Number of values collected before they are sorted. */
  readonly collected: number;
  /** Maximum number of values merged into one run; bounds how long a search or a writer waits for it. */
  readonly merged: number;
}

/** Rows found so far: those that pass, and those that have to be verified. */
interface FoundRange {
  readonly sure: Uint32Array[];
  readonly maybe: Uint32Array[];
}

/**
 * Sorted values with their rows, for a field with many distinct values. New ones are collected and sorted into runs, and
 * runs of similar size are merged, so that there are few of them and adding a value takes logarithmic time (the
 * log-structured merge-tree of O'Neil et al., 1996, in memory). Of long texts only the beginning and a hash are stored.
 */
export class ManyValues implements Values {
  readonly #collected: TermRows[] = [];
  readonly #limits: ManyLimits;
  /** Each at least twice as large as the next, or too large to be merged further. */
  #runs: TermRun[];

  constructor(limits: ManyLimits, runs: readonly TermRun[]) {
    this.#limits = limits;
    this.#runs = [...runs];
  }

  saved(): readonly SavedRun[] {
    this.#sort();
    return this.#runs.map((run) => run.saved());
  }

  add(value: Value, row: number): void {
    for (const term of termsOf(value)) this.#collected.push({ term, rows: Uint32Array.of(row) });
    if (this.#collected.length >= this.#limits.collected) this.#sort();
  }

  among(values: readonly Value[]): Bounds {
    const terms = values.map(termOf);
    return this.#find((run, { sure, maybe }) => {
      for (const term of terms) (term.length === maxTermBytes ? maybe : sure).push(run.find(term));
    });
  }

  ordered(operator: OrderOperator, operand: Ordinal): Bounds {
    const term = termOf(operand);
    const cut = term.length === maxTermBytes;
    // Texts with the same beginning as a long one are not ordered.
    const beginning = cut ? term.subarray(0, wholeBytes) : term;
    const tag = typeof operand === "string" ? textTag : numberTag;
    return this.#find((run, { sure, maybe }) => {
      const first = run.position(Uint8Array.of(tag), false);
      const last = run.position(Uint8Array.of(tag + 1), false);
      const from = run.position(beginning, cut);
      const to = cut ? run.position(beginning, true, wholeBytes) : run.position(beginning, true);
      if (operator === "$gt" || operator === "$gte") {
        sure.push(run.rows(operator === "$gte" && !cut ? from : to, last));
      } else {
        sure.push(run.rows(first, operator === "$lte" && !cut ? to : from));
      }
      if (cut) maybe.push(run.rows(from, to));
    });
  }

  atInstant(operator: InstantOperator, at: bigint): Bounds {
    const term = instantTerm(at);
    return this.#find((run, { sure }) => {
      const from = run.position(term, false);
      const to = run.position(term, true);
      if (operator === "$eq") sure.push(run.rows(from, to));
      else if (operator === "$gt" || operator === "$gte") {
        sure.push(run.rows(operator === "$gte" ? from : to, run.position(Uint8Array.of(instantTag + 1), false)));
      } else {
        sure.push(run.rows(run.position(Uint8Array.of(instantTag), false), operator === "$lte" ? to : from));
      }
    });
  }

  containing(part: string): Bounds {
    if (part === "") return this.ordered("$gte", "");
    return this.#find((run, found) => {
      const { sure, maybe } = run.containing(part);
      found.sure.push(...sure);
      found.maybe.push(...maybe);
    });
  }

  walk(): ValueWalk {
    this.#sort();
    const runs = [...this.#runs];
    return (visitor) => visitRuns(runs, visitor);
  }

  renumber(numbers: NewNumbers): void {
    this.#sort();
    this.#runs = this.#runs.map((run) => run.renumbered(numbers)).filter((run) => run.size > 0);
    this.#merge();
  }

  get bytes(): number {
    const collected = this.#collected.length * 400;
    return this.#runs.reduce((sum, run) => sum + run.bytes, collected + 200);
  }

  #find(look: (run: TermRun, found: FoundRange) => void): Bounds {
    this.#sort();
    const found: FoundRange = { sure: [], maybe: [] };
    for (const run of this.#runs) look(run, found);
    if (found.maybe.every(({ length }) => length === 0)) return exactly(Bitmap.of(found.sure));
    const sure = Bitmap.of(found.sure);
    return { sure, maybe: Bitmap.union([sure, Bitmap.of(found.maybe)]) };
  }

  #sort(): void {
    if (this.#collected.length === 0) return;
    this.#runs.push(TermRun.of(this.#collected.splice(0)));
    this.#merge();
  }

  #merge(): void {
    for (;;) {
      const last = this.#runs.at(-1);
      const before = this.#runs.at(-2);
      if (last === undefined || before === undefined || before.size >= 2 * last.size) return;
      if (before.size + last.size > this.#limits.merged) return;
      this.#runs.splice(-2, 2, TermRun.merge(before, last));
    }
  }
}
