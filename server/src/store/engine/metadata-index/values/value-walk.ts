import type { Steps } from "../../../../scheduling/steps.ts";
import type { Value } from "./field-term.ts";

/** One value of a field. */
export interface VisitedValue {
  /** Its term, which orders and identifies it. */
  readonly term: Uint8Array;
  /** Undefined if only the beginning of the text is known. */
  readonly value: Value | undefined;
}

/** Receives the values of a field in the order of their terms, each after its rows. */
export interface ValueVisitor {
  /** Some rows of the next value: a part of a list. Each row comes once. */
  rows(list: Uint32Array, from: number, to: number): void;
  /** The value of these rows. @param read has to be called at once, if at all */
  value(read: () => VisitedValue): void;
}

/** The values of a field at one moment, whatever is added and removed while they are visited. */
export type ValueWalk = (visitor: ValueVisitor) => Steps<void>;
