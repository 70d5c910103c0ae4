import type { Steps } from "../../../../scheduling/steps.ts";
import type { CodeRows } from "../../vectors/code-rows.ts";
import { AskedQueries } from "../measure/asked-queries.ts";
import { measureQueries, unit } from "../measure/measure-queries.ts";
import type { Effort } from "../measure/search-effort.ts";
import type { CodeGroups } from "./code-groups.ts";
import type { Graph } from "./graph.ts";
import { measureGraph } from "./measure-graph.ts";

/** Vectors that stay out of a graph until it is measured, as queries unlike what it holds. */
const heldOut = 48;
/** A graph of so many nodes is measured although more are on their way, as these may take long to come. */
const measuredFrom = 8_192;

export interface GraphMeasurementOptions {
  readonly graph: Graph;
  /** Of the chunks in the graph. */
  readonly codes: CodeGroups;
  /** Of the chunks that are not in the graph yet. */
  readonly tail: CodeRows;
  /** What was measured before; it learns what is measured here. */
  readonly effort: Effort;
}

/** Measures in slices, as a graph changes, how many candidates a search has to examine. */
export class GraphMeasurement {
  readonly #options: GraphMeasurementOptions;
  readonly #asked = new AskedQueries();
  #running: Steps<void> | undefined;

  constructor(options: GraphMeasurementOptions) {
    this.#options = options;
  }

  /** A search was made. */
  note(query: Float32Array): void {
    this.#asked.note(query);
  }

  /** Vectors that have to stay in the tail for now. */
  get held(): number {
    const { effort, tail, codes } = this.#options;
    return effort.measured === undefined && tail.size + codes.size > 2 * heldOut ? heldOut : 0;
  }

  /** Whether the graph has changed so much that it should be measured. */
  get due(): boolean {
    const { effort, tail, codes } = this.#options;
    const nodes = codes.rows.size;
    const isEarly = effort.measured === undefined && nodes < measuredFrom && tail.size > this.held;
    return !isEarly && effort.due(nodes);
  }

  /** Begins if it is due; returns whether a measurement is in progress. */
  begin(): boolean {
    this.#running ??= this.due ? this.#measure() : undefined;
    return this.#running !== undefined;
  }

  /** Does a slice of the measurement in progress; returns whether that was its last. */
  continue(): boolean {
    if (this.#running?.next().done !== true) return false;
    this.#running = undefined;
    return true;
  }

  *#measure(): Steps<void> {
    const { graph, codes, tail, effort } = this.#options;
    const { rows } = codes;
    const nodes = rows.size;
    const chunks = codes.size + tail.size;
    const held = tail.keys().slice(0, heldOut);
    const others = held.flatMap((key) => unit(tail.code(key) ?? []));
    const leaders = rows.keys();
    const any = () =>
      rows.code(leaders[Math.floor(Math.random() * leaders.length)] ?? -1) ?? new Int8Array(graph.shape.dimension);
    const kinds = yield* measureQueries(any, nodes, [others, this.#asked.all()], Math.random);
    const found = yield* measureGraph(graph, rows, kinds, effort.least);
    effort.learn({ ...found, nodes, chunks, at: Date.now() });
  }
}
