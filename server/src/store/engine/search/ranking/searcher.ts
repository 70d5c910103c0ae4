import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { VectorSearch } from "../../../search-store.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import { cosineDistance } from "../../vectors/cosine-distance.ts";
import type { LibrariesTable, LibraryRow } from "../../rows/libraries-table.ts";
import { checkModel } from "../../rows/check-model.ts";
import { compareEvery } from "./exhaustive-scan.ts";
import { type VectorPlan, choosePlan, firstCount } from "./choose-plan.ts";
import { compareCandidates, isProven } from "./compare-candidates.ts";
import { FilterCheck } from "./filter-check.ts";
import type { IndexRegistry } from "../../index/index-registry.ts";
import type { LibraryIndex } from "../../index/library-index.ts";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import { AwaitsIndex, TakesLong } from "../long/takes-long.ts";
import { type Comparable, toComparable } from "../../index/comparable.ts";
import { type Ranking, type Rankings, toRanking, toRankings } from "./rankings.ts";
import { SearchRun } from "./search-run.ts";
import type { FrozenIndex, Proposal, SearchableIndex } from "../../index/vector-index.ts";

/** Growth of the number of candidates when too few of them pass. */
const widening = 4;
/** Maximum number of graph candidates; beyond that, comparing everything is cheaper. */
const maxWalk = 4 * limits.k;

/** Maximum number of graph candidates while others wait. */
const walkedAtOnce = limits.k / 2;
/** Cost of looking up a code by key, relative to a code in an exhaustive scan. */
const gathering = 4;
/** Cost of a component of a full vector, relative to that of a code. */
const fullCost = 2;
/** Maximum number of vectors read from disk and compared while others wait. */
const readAtOnce = 512;

interface SearchTask {
  readonly place: number;
  readonly run: SearchRun;
  readonly plan: VectorPlan;
}

export interface SearchTables {
  readonly libraries: LibrariesTable;
  readonly chunks: ChunksTable;
}

/**
 * Answers searches with true distances. Requests candidates from the index, filters them, and requests more until k pass
 * or no more exist. Distances that the index only estimates are measured in full precision.
 */
export class Searcher {
  readonly #tables: SearchTables;
  readonly #indexes: IndexRegistry;

  constructor(tables: SearchTables, indexes: IndexRegistry) {
    this.#tables = tables;
    this.#indexes = indexes;
  }

  /**
   * The hits of each search, without their contents, if that takes only some milliseconds.
   *
   * @throws TakesLong if it takes longer; use `rankInSteps` then
   * @throws AwaitsIndex if the fields of a filter should be indexed first
   */
  rankSoon(libraryId: string, searches: readonly VectorSearch[]): Rankings {
    const row = this.#find(libraryId, searches);
    const index = this.#indexes.get(row);
    const tasks = searches.map((search, place) => this.#task(row, index, search, place));
    return toRankings(row, index.searchable, this.#answerSafely(row, index.searchable, tasks));
  }

  /**
   * The same without a time limit, for the snapshot of index and tables in the first step.
   *
   * @param prepare runs before anything is compared, and may fill in the vectors
   * @throws AwaitsIndex as above
   */
  *rankInSteps(libraryId: string, searches: readonly VectorSearch[], prepare?: Steps<void>): Steps<Rankings> {
    const row = this.#find(libraryId, searches);
    const index = this.#indexes.get(row);
    const frozen = index.searchable?.freeze();
    if (frozen === undefined) return yield* this.#rankWithout(row, index, searches, prepare);
    const live = index.searchable;
    const rankings = toRankings(row, live, []);
    try {
      const tasks = searches.map((search, place) => this.#fullTask(row, index, search, place));
      if (prepare !== undefined) yield* prepare;
      const answers: Ranking[] = [];
      for (const task of tasks) answers.push(yield* this.#answerInStepsSafely(row, live, frozen, task));
      return { ...rankings, answers };
    } finally {
      frozen.end();
    }
  }

  /** Answers what the index can answer at once, and the rest together by reading every vector. */
  *#rankWithout(
    row: LibraryRow,
    index: LibraryIndex,
    searches: readonly VectorSearch[],
    prepare: Steps<void> | undefined,
  ): Steps<Rankings> {
    const rankings = toRankings(row, index.searchable, []);
    const answers: Ranking[] = [];
    const slow: SearchTask[] = [];
    for (const task of searches.map((search, place) => this.#task(row, index, search, place))) {
      const isDeep = task.run.search.k > limits.k && (task.plan === "walk" || task.plan === "scan");
      // Once it is prepared, the index may have changed. To rank thousands without steps takes long.
      if (prepare !== undefined || isDeep) {
        slow.push(task);
        continue;
      }
      // An index that failed for the previous task is not used for this one.
      const live = this.#indexes.peek(row.key) === index ? index.searchable : undefined;
      try {
        answers[task.place] = this.#answerSafely(row, live, [{ ...task, place: 0 }])[0] ?? expectAnswer();
      } catch (error) {
        if (!(error instanceof TakesLong)) throw error;
        slow.push(task);
      }
    }
    if (slow.length === 0) return { ...rankings, answers };
    yield;
    if (prepare !== undefined) yield* prepare;
    const read = yield* this.#readEvery(
      row,
      slow.map(({ run }) => run),
    );
    for (const [position, { place }] of slow.entries()) answers[place] = read[position] ?? expectAnswer();
    return { ...rankings, answers };
  }

  /** The metadata index of a library, for filters. */
  check(row: LibraryRow, filter: Filter | undefined): FilterCheck {
    const selection = filter === undefined ? undefined : this.#indexes.get(row).select(filter);
    return new FilterCheck(filter, selection, this.#tables.chunks);
  }

  /** The same. @throws AwaitsIndex if it is not built yet, and filters would have to read each chunk */
  fullCheck(row: LibraryRow, filter: Filter | undefined): FilterCheck {
    const check = this.check(row, filter);
    if (filter !== undefined && this.#indexes.get(row).awaits(filter)) throw new AwaitsIndex(row, filter);
    return check;
  }

  /** True distance of a chunk from a query; undefined if the chunk does not exist. */
  distance({ space }: LibraryRow, query: Float32Array, key: number): number | undefined {
    const vector = this.#tables.chunks.inSpace(space).vector(key);
    return vector === undefined ? undefined : cosineDistance(query, vector);
  }

  /** If the index fails, such as on a damaged file, it is rebuilt, and the search is answered from disk. */
  #answerSafely(row: LibraryRow, index: SearchableIndex | undefined, tasks: readonly SearchTask[]): readonly Ranking[] {
    try {
      return this.#answer(row, index, tasks).map((ranking, place) => this.#insist(row, ranking, tasks[place]));
    } catch (error) {
      if (index === undefined || error instanceof ArrwError) throw error;
      if (error instanceof TakesLong || error instanceof AwaitsIndex) throw error;
      this.#indexes.fail(row, error);
      return this.#exhaust(
        row,
        tasks.map(({ run }) => run),
      );
    }
  }

  /** Reads the disk if an exact result is required and the index could not prove one. */
  #insist(row: LibraryRow, ranking: Ranking, task: SearchTask | undefined): Ranking {
    if (ranking.exact || task?.run.search.exact !== true) return ranking;
    return this.#exhaust(row, [task.run])[0] ?? ranking;
  }

  #find(libraryId: string, searches: readonly VectorSearch[]): LibraryRow {
    const row = this.#tables.libraries.find(libraryId);
    for (const { vector, model } of searches) {
      checkModel(row.library, model, vector);
      if (vector.length === row.library.dimension) continue;
      const message = `embedding: has dimension ${vector.length}, but the library's dimension is ${row.library.dimension}`;
      throw new ArrwError("dimension_mismatch", message, { field: "embedding" });
    }
    return row;
  }

  #run(row: LibraryRow, search: VectorSearch): SearchRun {
    return new SearchRun(search, this.check(row, search.filter), this.#tables.chunks.inSpace(row.space));
  }

  #task(row: LibraryRow, index: LibraryIndex, search: VectorSearch, place: number): SearchTask {
    const { filter } = search;
    if (index.loading) throw new AwaitsIndex(row, filter);
    const run = this.#run(row, search);
    const plan = choosePlan(index.searchable, search, run.check.selection, this.#indexes.walkShare);
    // If a few candidates are not enough, each chunk would have to be read to evaluate the filter.
    if (filter !== undefined && plan !== "walk" && index.awaits(filter)) throw new AwaitsIndex(row, filter);
    return { place, run, plan };
  }

  /** The same with everything that the metadata index knows. */
  #fullTask(row: LibraryRow, index: LibraryIndex, search: VectorSearch, place: number): SearchTask {
    const task = this.#task(row, index, search, place);
    // Evaluating the filter may have started to index a field.
    if (search.filter !== undefined && index.awaits(search.filter)) throw new AwaitsIndex(row, search.filter);
    return task;
  }

  /** `#answerSafely`, in steps. */
  *#answerInStepsSafely(
    row: LibraryRow,
    live: SearchableIndex | undefined,
    frozen: FrozenIndex,
    task: SearchTask,
  ): Steps<Ranking> {
    try {
      return yield* this.#answerInSteps(row, frozen, task);
    } catch (error) {
      if (error instanceof ArrwError) throw error;
      if (this.#indexes.peek(row.key)?.searchable === live) this.#indexes.fail(row, error);
    }
    return (yield* this.#readEvery(row, [task.run]))[0] ?? expectAnswer();
  }

  *#answerInSteps(row: LibraryRow, frozen: FrozenIndex, { run, plan }: SearchTask): Steps<Ranking> {
    if (plan === "none") return toRanking(run, [], true, "none");
    if (plan === "walk" && frozen.walk !== undefined) {
      const { vector, k } = run.search;
      const { items, typicalError, within } = frozen.walk(
        vector,
        firstCount(run.search, run.check.selection, frozen.size),
      );
      const { chosen, settled, depth } = yield* run.chooseInSteps(items, () => undefined, typicalError);
      if (settled && depth <= within && chosen.length >= k) return toRanking(run, chosen, false, "walk");
    }
    return yield* this.#compareInSteps(row, frozen, run, plan === "read" ? "read" : "scan");
  }

  #answer(row: LibraryRow, index: SearchableIndex | undefined, tasks: readonly SearchTask[]): readonly Ranking[] {
    const answers: Ranking[] = [];
    const put = (group: readonly SearchTask[], rankings: readonly Ranking[]) => {
      for (const [position, { place }] of group.entries()) {
        const ranking = rankings[position];
        if (ranking !== undefined) answers[place] = ranking;
      }
    };
    for (const [plan, group] of Map.groupBy(tasks, (task) => task.plan)) {
      if (plan === "none") {
        put(
          group,
          group.map(({ run }) => toRanking(run, [], true, "none")),
        );
      } else if (index === undefined || plan === "disk") {
        put(
          group,
          this.#exhaust(
            row,
            group.map(({ run }) => run),
          ),
        );
      } else if (plan === "walk") this.#walk(row, index, group, put);
      else for (const task of group) put([task], [this.#compare(row, index, task.run, plan)]);
    }
    return answers;
  }

  /** Queries the index, with searches for the same number of candidates batched. */
  #walk(
    row: LibraryRow,
    index: SearchableIndex,
    tasks: readonly SearchTask[],
    put: (group: readonly SearchTask[], rankings: readonly Ranking[]) => void,
  ): void {
    for (const [count, group] of Map.groupBy(tasks, ({ run }) =>
      firstCount(run.search, run.check.selection, index.size),
    )) {
      if (!index.exact && index.freezable && count > walkedAtOnce) throw new TakesLong();
      if (index.exact && this.#isMuch(index, index.size, row)) throw new TakesLong();
      const proposals = index.search(
        group.map(({ run }) => run.search.vector),
        count,
      );
      put(
        group,
        group.map(({ run }, position) => this.#settle(row, index, run, { count, proposal: proposals[position] })),
      );
    }
  }

  /** Takes what the index proposed, requests more if too few pass, and falls back to comparing. */
  #settle(
    row: LibraryRow,
    index: SearchableIndex,
    run: SearchRun,
    first: { readonly count: number; readonly proposal: Proposal | undefined },
  ): Ranking {
    const { k } = run.search;
    let { count, proposal } = first;
    let informed = false;
    while (proposal !== undefined) {
      const promised = proposal.completeBelow > -Infinity;
      const typicalError = promised ? undefined : proposal.typicalError;
      const { chosen, beyond, depth, settled } = run.choose(proposal.items, (key) => index.vector(key), typicalError);
      if (isProven(run, chosen, proposal)) return toRanking(run, chosen, true, "scan");
      if (promised && !index.exact) break;
      // Beyond the number requested, proposals may have gaps.
      if (!promised && settled && depth <= count && chosen.length >= k) return toRanking(run, chosen, false, "walk");
      // If an index returned too few without a filter, or reached the maximum distance, asking for more is useless.
      const helpful = promised || (run.check.filter !== undefined && !beyond && proposal.items.length >= count);
      count *= widening;
      if (!helpful || count > maxWalk) break;
      // Each further candidate would have to be read to evaluate the filter.
      if (!informed) this.#informed(row, run);
      informed = true;
      proposal = index.search([run.search.vector], Math.min(count, index.size))[0];
    }
    return this.#compare(row, index, this.#informed(row, run), "scan");
  }

  /** The run with everything that the metadata index knows: when proposals do not suffice, every chunk would be read. */
  #informed(row: LibraryRow, run: SearchRun): SearchRun {
    const { filter } = run.search;
    if (filter === undefined || run.check.selection?.exact === true) return run;
    if (this.#indexes.get(row).awaits(filter)) throw new AwaitsIndex(row, filter);
    return this.#run(row, run.search);
  }

  /** Scans the index's estimates of every chunk that may pass. @throws TakesLong if there are many */
  #compare(row: LibraryRow, index: SearchableIndex, run: SearchRun, plan: VectorPlan): Ranking {
    const { selection } = run.check;
    const compared = selection === undefined ? index.size : gathering * selection.count;
    if (index.freezable && this.#isMuch(index, compared, row)) throw new TakesLong();
    return finish(this.#compareInSteps(row, toComparable(index), run, plan));
  }

  /** Whether comparing so many vectors takes longer than others should wait. */
  #isMuch({ exact }: SearchableIndex, compared: number, { library: { dimension } }: LibraryRow): boolean {
    const cost = exact ? fullCost : 1;
    return cost * compared * dimension > this.#indexes.comparedAtOnce;
  }

  /** Compares every chunk that may pass, or reads every vector if that is not enough. */
  *#compareInSteps(row: LibraryRow, index: Comparable, run: SearchRun, plan: VectorPlan): Steps<Ranking> {
    const ranking = yield* compareCandidates(index, run, plan);
    if (ranking !== undefined) return ranking;
    if (index.vector !== undefined) return this.#exhaust(row, [run])[0] ?? expectAnswer();
    return (yield* this.#readEvery(row, [run]))[0] ?? expectAnswer();
  }

  /** Reads every vector if there are few. @throws TakesLong if there are many */
  #exhaust(row: LibraryRow, runs: readonly SearchRun[]): readonly Ranking[] {
    if (row.library.num_chunks > readAtOnce) throw new TakesLong();
    return finish(this.#readEvery(row, runs));
  }

  /** Exhaustive scan of the disk; memory is bounded whatever the library's size. */
  *#readEvery(row: LibraryRow, runs: readonly SearchRun[]): Steps<readonly Ranking[]> {
    const found = yield* compareEvery(this.#tables.chunks, row, runs);
    return runs.map((run, place) => toRanking(run, found[place] ?? [], true, "disk"));
  }
}

function expectAnswer(): never {
  throw new Error("A search has no answer");
}
