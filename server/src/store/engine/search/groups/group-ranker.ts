import { type FieldValue, recordField } from "@arrwdb/protocol/search/facets";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import { limits } from "@arrwdb/protocol/limits";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { StoreSearch } from "../../../search-store.ts";
import type { IndexRegistry } from "../../index/index-registry.ts";
import type { CapturedFields } from "../../metadata-index/captured-fields.ts";
import type { RowSet } from "../../metadata-index/rows/row-set.ts";
import type { ValueWalk } from "../../metadata-index/values/value-walk.ts";
import type { LibraryRow } from "../../rows/libraries-table.ts";
import type { FoundChunk } from "../answers/hit-serializer.ts";
import { wholeValue } from "../facets/whole-value.ts";
import { passingRows } from "../facets/matching-chunks.ts";
import { AwaitsIndex } from "../long/takes-long.ts";
import type { SearchTables } from "../ranking/searcher.ts";
import { BestHits, byOrder, type HitRef } from "./best-hits.ts";
import { groupAll } from "./group-all.ts";
import { groupFirst } from "./group-first.ts";
import { type FoundFirst, HitOrders } from "./hit-orders.ts";
import { MemberFinder } from "./group-members.ts";
import { groupByReading } from "./read-groups.ts";
import { byBestHit, type HitGroup } from "./top-groups.ts";

/** Hits asked for first, as a multiple of those wanted, and the least number. */
const reserve = 4;
const leastFirst = 200;
/** Members compared per step. */
const comparedAtOnce = 64;

/** The number of hits from which groups are made first. */
export const firstHits = ({ k, groupBy }: StoreSearch): number =>
  groupBy === undefined ? k : Math.min(limits.k, Math.max(leastFirst, reserve * k * groupBy.hits));

/** A group as it is answered. */
export interface FoundGroup {
  readonly value: FieldValue | null;
  readonly hits: readonly FoundChunk[];
}

export interface FoundGroups {
  readonly groups: readonly FoundGroup[];
  /** The hits of all groups, each once, best first. */
  readonly chosen: readonly FoundChunk[];
  readonly exact: boolean;
}

/** Groups the hits of searches by the values of a field. */
export class GroupRanker {
  readonly #tables: SearchTables;
  readonly #indexes: IndexRegistry;

  constructor(tables: SearchTables, indexes: IndexRegistry) {
    this.#tables = tables;
    this.#indexes = indexes;
  }

  /**
   * Takes the state of the indexes, which have to agree with the tables.
   *
   * @throws AwaitsIndex if the field should be indexed first
   */
  begin(libraryId: string, search: StoreSearch): PendingGroups | undefined {
    const { groupBy, filter = {} } = search;
    if (groupBy === undefined) return undefined;
    const row = this.#tables.libraries.find(libraryId);
    const index = this.#indexes.get(row);
    const field = recordField(groupBy.field);
    const captured = index.capture(filter, [field]);
    if (index.awaits(filter, [field])) throw new AwaitsIndex(row, filter, [field]);
    const wanted = { field, filter, groups: search.k, hits: groupBy.hits };
    return new PendingGroups({ tables: this.#tables, row, search, wanted, captured });
  }
}

interface WantedGroups {
  readonly field: string;
  readonly filter: Filter;
  readonly groups: number;
  readonly hits: number;
}

interface PendingGroupsOptions {
  readonly tables: SearchTables;
  readonly row: LibraryRow;
  readonly search: StoreSearch;
  readonly wanted: WantedGroups;
  /** Undefined if the metadata index cannot hold the field. */
  readonly captured: CapturedFields | undefined;
}

interface PassingRows {
  readonly captured: CapturedFields;
  readonly passing: RowSet;
  readonly walk: ValueWalk;
}

/** The groups of one search at the moment it began. */
export class PendingGroups {
  readonly #options: PendingGroupsOptions;

  constructor(options: PendingGroupsOptions) {
    this.#options = options;
  }

  *find(found: FoundFirst): Steps<FoundGroups> {
    const { tables, row, search, wanted } = this.#options;
    const orders = new HitOrders(search, found, tables.chunks.inSpace(row.space));
    const { groups, all } = yield* this.#group(found, orders);
    const refs = new Map<number, HitRef>();
    const shown: FoundGroup[] = [];
    for (const { value, hits } of groups) {
      const whole = value && wholeValue(tables.chunks, wanted.field, value, hits[0]?.key ?? 0);
      shown.push({ value: whole ?? null, hits: hits.map((hit) => orders.toChunk(hit)) });
      for (const hit of hits) refs.set(hit.key, hit);
      yield;
    }
    return {
      groups: shown,
      chosen: [...refs.values()].toSorted(byOrder).map((hit) => orders.toChunk(hit)),
      // The first hits of a hybrid search are those of its lists, whatever else is compared.
      exact: found.exact || (all && search.mode !== "hybrid"),
    };
  }

  /** The groups, and whether every chunk that matches was looked at. */
  *#group(
    { complete, scores, likeness }: FoundFirst,
    orders: HitOrders,
  ): Steps<{ readonly groups: readonly HitGroup[]; readonly all: boolean }> {
    const { captured, wanted, row, tables } = this.#options;
    const { chunks } = tables;
    const [walk] = captured?.walks ?? [];
    if (captured === undefined || walk === undefined) {
      const read = { ...wanted, chunks, library: row.key, orderOf: (key: number) => orders.of(key) };
      return { groups: yield* groupByReading(read), all: true };
    }
    const passing = yield* passingRows(captured, wanted.filter, chunks, likeness?.own ?? new Set());
    if (scores === undefined) {
      const groups = yield* groupFirst(orders.first, wanted, chunks);
      if (complete) return { groups, all: true };
      if (groups.length === wanted.groups)
        return { groups: yield* this.#complete(groups, orders, { captured, passing, walk }), all: false };
    }
    const all = { orders: yield* orders.ofAll(passing, captured, row.key), keys: captured.rows };
    return { groups: yield* groupAll({ ...all, groups: wanted.groups, hits: wanted.hits }, walk), all: true };
  }

  /** Finds the other members of groups that may have more hits. */
  *#complete(
    groups: readonly HitGroup[],
    orders: HitOrders,
    { captured: { rows, count }, passing, walk }: PassingRows,
  ): Steps<readonly HitGroup[]> {
    const { hits: limit } = this.#options.wanted;
    const lacking = groups.filter(({ hits }) => hits.length < limit);
    if (lacking.length === 0) return groups;
    const finder = new MemberFinder(lacking, count, rows.find);
    yield* walk(finder);
    const all: HitGroup[] = groups.filter(({ hits }) => hits.length === limit);
    for (const group of lacking) {
      const best = new BestHits(limit);
      let compared = 0;
      for (const row of finder.of(group, passing)) {
        const key = rows.key(row);
        const order = orders.of(key);
        if (order !== undefined) best.add({ key, order });
        if (++compared % comparedAtOnce === 0) yield;
      }
      all.push({ ...group, hits: best.hits });
      yield;
    }
    return all.toSorted(byBestHit);
  }
}
