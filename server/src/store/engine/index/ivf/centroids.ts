import { joined, nearestOf, type NearRow } from "../../vectors/compare-codes.ts";

/** Centroids of the lists, as codes: one byte per component, so they take little memory. */
export class Centroids {
  readonly codes: Int8Array<ArrayBuffer>;
  readonly dimension: number;

  /** @param codes concatenated codes, from the start of their buffer */
  constructor(codes: Int8Array<ArrayBuffer>, dimension: number) {
    this.codes = codes;
    this.dimension = dimension;
  }

  get count(): number {
    return this.codes.length / this.dimension;
  }

  /** The lists that are nearest to a query, nearest first. */
  around(query: Int8Array, wanted: number): readonly NearRow[] {
    return (
      nearestOf(this.codes, joined([query], this.dimension), wanted, { dimension: this.dimension, threads: 1 })[0] ?? []
    );
  }

  /** The nearest list to each of these codes, which start at the beginning of their buffer. */
  assign(codes: Int8Array, threads: number): readonly number[] {
    return nearestOf(this.codes, codes, 1, { dimension: this.dimension, threads }).map((near) => near[0]?.row ?? 0);
  }
}
