import * as z from "zod";

/** Target recall. */
export const wantedRecall = 0.99;
/** For `near`: the number of true neighbours, and the number of candidates requested to find them. */
export const near = { neighbours: 10, count: 16 } as const;
export const far = { neighbours: 100, count: 150 } as const;

/** Maximum effort: a graph that needs more is not searched. */
export const greatestEffort = 1_280;
/** A graph is measured again when it has grown by this fraction, or this fraction of it was removed. */
const growth = 0.5;
const loss = 0.2;
const widening = 1.5;

/** The measured quality of an index. */
export const measurement = z.object({
  /** Candidates, or lists, that a search for few, and one for many, has to examine; null if no number suffices. */
  near: z.number().nullable(),
  far: z.number().nullable(),
  /** Recall with them, or with the most that was tried, for the kind of query with the lowest recall. */
  recall: z.number(),
  queries: z.number(),
  /** Nodes of the graph or vectors in lists, and chunks of the index, at the time of measurement. */
  nodes: z.number(),
  chunks: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
});
export type Measurement = z.output<typeof measurement>;

/**
 * The measured number of graph candidates, or lists, that a search examines. An index that was not measured yet, or whose
 * recall is too low at any effort, has none: everything is compared then.
 */
export class Effort {
  /** The configured minimum. */
  #least: number;
  #measured: Measurement | undefined;
  readonly #greatest: number;
  #removed = 0;

  /** @param greatest maximum worthwhile effort */
  constructor(least: number, measured?: Measurement, greatest: number = greatestEffort) {
    this.#least = least;
    this.#measured = measured;
    this.#greatest = greatest;
  }

  get measured(): Measurement | undefined {
    return this.#measured;
  }

  get least(): number {
    return this.#least;
  }

  set least(least: number) {
    this.#least = least;
  }

  /** Candidates for a search that wants `count` of them; undefined if the index should not be searched approximately. */
  for(count: number): number | undefined {
    const { near: few, far: many } = this.#measured ?? { near: null, far: null };
    if (few === null) return undefined;
    const atNear = Math.max(this.#least, few);
    if (count <= near.count) return atNear;
    if (many === null) return undefined;
    const atFar = Math.max(atNear, many);
    if (count >= far.count) return Math.ceil((atFar * count) / far.count);
    return Math.ceil(atNear + ((atFar - atNear) * (count - near.count)) / (far.count - near.count));
  }

  /** Whether it should be measured again at this number of nodes. */
  due(nodes: number): boolean {
    if (nodes === 0 || this.#measured === undefined) return nodes > 0;
    const then = Math.max(1, this.#measured.nodes);
    return nodes > then * (1 + growth) || this.#removed > then * loss;
  }

  removed(nodes: number): void {
    this.#removed += nodes;
  }

  learn(measured: Measurement): void {
    this.#measured = measured;
    this.#removed = 0;
  }

  /** Increases the effort, as the recall of real searches was too low; returns whether anything changed. */
  increaseEffort(): boolean {
    const measured = this.#measured;
    if (measured === undefined || measured.near === null) return false;
    const wider = (effort: number | null) => {
      const more = effort === null ? Infinity : Math.ceil(Math.max(effort, this.#least) * widening);
      return more > this.#greatest ? null : more;
    };
    this.#measured = { ...measured, near: wider(measured.near), far: wider(measured.far) };
    return true;
  }
}
