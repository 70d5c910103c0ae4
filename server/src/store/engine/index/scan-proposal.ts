import type { Candidate } from "../vectors/nearest.ts";
import { leastDistance, typicalErrorOf } from "../vectors/codes.ts";
import type { Proposal } from "./vector-index.ts";

export interface CodeScan {
  /** Number of vectors compared by code. */
  readonly compared: number;
  /** Angle between the query and its code, plus the greatest angle between a vector and its code. */
  readonly slack: number;
  readonly dimension: number;
}

/** The proposal of an exhaustive scan of codes. @param items the nearest by their codes, nearest first */
export function scanProposal(items: readonly Candidate[], { compared, slack, dimension }: CodeScan): Proposal {
  const last = items.length < compared ? items.at(-1) : undefined;
  const completeBelow = last === undefined ? Infinity : leastDistance(last.distance, slack);
  return { items, completeBelow, typicalError: typicalErrorOf(slack, dimension) };
}
