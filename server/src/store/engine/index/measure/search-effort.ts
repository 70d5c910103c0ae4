import * as z from "zod";

/** The part of the true hits that answers should have. */
export const wantedRecall = 0.99;
/** A search for `near` has so many neighbours to find, and is given so many candidates to choose from. */
export const near = { neighbours: 10, count: 16 } as const;
export const far = { neighbours: 100, count: 150 } as const;

/** More candidates than this are not looked at: a graph that needs more cannot be walked. */
export const greatestEffort = 1_280;
/** A graph is measured again when it has grown by this part, or so much of it is gone. */
const growth = 0.5;
const loss = 0.2;
const widening = 1.5;

/** The measured quality of an index. */
export const measurement = z.object({
  /** Candidates, or lists, that a search for few, and one for many, has to look at; null if no number of them is enough. */
  near: z.number().nullable(),
  far: z.number().nullable(),
  /** The part of the nearest that was found with them, or with the most that was tried, for the kind of query with the lowest recall. */
  recall: z.number(),
  queries: z.number(),
  /** Nodes of the graph, or vectors in lists, and chunks of the index, when it was measured. */
  nodes: z.number(),
  chunks: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
});
export type Measurement = z.output<typeof measurement>;

/**
 * How many candidates of a graph, or lists, a search examines, as measured. An index that was not measured yet, or that does
 * not find enough at any effort, has none: everything is compared then.
 */
export class Effort {
  /** The configured minimum. */
  #least: number;
  #measured: Measurement | undefined;
  readonly #greatest: number;
  #removed = 0;

  /** @param greatest more than this is not worth it */
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

  /** Whether it should be measured, with as many nodes as it has now. */
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

  /** Examines more, as the recall of real searches was too low; returns whether anything changed. */
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
