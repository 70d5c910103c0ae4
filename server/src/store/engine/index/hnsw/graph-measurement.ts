import type { Steps } from "../../../../scheduling/steps.ts";
import type { CodeRows } from "../../vectors/code-rows.ts";
import { AskedQueries } from "../measure/asked-queries.ts";
import { measureQueries, unit } from "../measure/measure-queries.ts";
import type { Effort } from "../measure/search-effort.ts";
import type { CodeGroups } from "./code-groups.ts";
import type { Graph } from "./graph.ts";
import { measureGraph } from "./measure-graph.ts";

/** Number of vectors held out of a graph until it is measured, as out-of-sample queries. */
const heldOut = 48;
/** From this number of nodes on, a graph is measured without waiting for pending vectors, which may take long. */
const measuredFrom = 8_192;

export interface GraphMeasurementOptions {
  readonly graph: Graph;
  /** Codes of the chunks in the graph. */
  readonly codes: CodeGroups;
  /** Codes of the chunks that are not in the graph yet. */
  readonly tail: CodeRows;
  /** The current effort, updated by each measurement. */
  readonly effort: Effort;
}

/** Measures, in slices and as the graph changes, how many candidates a search has to examine. */
export class GraphMeasurement {
  readonly #options: GraphMeasurementOptions;
  readonly #asked = new AskedQueries();
  #running: Steps<void> | undefined;

  constructor(options: GraphMeasurementOptions) {
    this.#options = options;
  }

  /** Records a real query. */
  note(query: Float32Array): void {
    this.#asked.note(query);
  }

  /** Number of vectors that have to stay in the tail for now. */
  get held(): number {
    const { effort, tail, codes } = this.#options;
    return effort.measured === undefined && tail.size + codes.size > 2 * heldOut ? heldOut : 0;
  }

  /** Whether the graph has changed enough to be measured again. */
  get due(): boolean {
    const { effort, tail, codes } = this.#options;
    const nodes = codes.rows.size;
    const isEarly = effort.measured === undefined && nodes < measuredFrom && tail.size > this.held;
    return !isEarly && effort.due(nodes);
  }

  /** Starts a measurement if one is due; returns whether one is in progress. */
  begin(): boolean {
    this.#running ??= this.due ? this.#measure() : undefined;
    return this.#running !== undefined;
  }

  /** Runs a slice of the current measurement; returns whether it was the last. */
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
