/** The chunks that pass a filter, as the metadata index tells. */
export interface Selection {
  /** How many there are, or, where it is not certain, how many there may be at most. */
  readonly count: number;
  /** Whether every one of them passes; otherwise the filter has to be asked again. */
  readonly certain: boolean;
  has(key: number): boolean;
  keys(): Iterable<number>;
}
