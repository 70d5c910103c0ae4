import { indexSettings } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dimension, newDocuments, randomVector, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { cosineDistance } from "../../../../../test/support/data/vectors.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { KnownHits } from "../search/answers/known-hits.ts";
import { SearchReader } from "../search/search-reader.ts";
import { Searcher } from "../search/ranking/searcher.ts";
import { type IndexDefinition, planIndex } from "./index-definition.ts";
import { indexDefinitions } from "./index-kinds.ts";
import { IndexRegistry } from "./index-registry.ts";
import { defaultThresholds } from "./index-thresholds.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Snapshot } from "./snapshots-table.ts";
import { Snapshots } from "./snapshots.ts";
import type { Proposal, VectorIndex } from "./vector-index.ts";

/** Vectors in a map, saved as JSON. Its kind is one of the protocol's, as statistics and `explain` name no other. */
class ToyIndex implements VectorIndex {
  readonly kind = "flat";
  readonly exact = true;
  readonly freezable = false;
  readonly pending = 0;
  readonly effort = undefined;
  readonly quality = undefined;
  readonly bytes = 0;
  readonly saturated = false;
  readonly deletedFraction = 0;
  readonly savedAtEnd = false;
  readonly #vectors = new Map<number, Float32Array>();
  searches = 0;
  unsaved = 0;

  get size(): number {
    return this.#vectors.size;
  }

  keys(): Iterable<number> {
    return this.#vectors.keys();
  }

  add(key: number, vector: Float32Array): void {
    this.#vectors.set(key, vector);
    this.unsaved++;
  }

  remove(keys: readonly number[]): void {
    for (const key of keys) this.#vectors.delete(key);
  }

  walkCost(): number {
    return this.size;
  }

  search(queries: readonly Float32Array[]): readonly Proposal[] {
    this.searches++;
    return queries.map((query) => this.compareAll(query));
  }

  compareAll(query: Float32Array): Proposal {
    return this.compareSome(query, this.keys());
  }

  compareSome(query: Float32Array, keys: Iterable<number>): Proposal {
    const items = Array.from(keys, (key) => ({ key, distance: cosineDistance(query, this.vector(key) ?? query) }));
    return { items, completeBelow: Infinity, typicalError: 0 };
  }

  freeze(): undefined {}

  vector(key: number): Float32Array | undefined {
    return this.#vectors.get(key);
  }

  work(): boolean {
    return false;
  }

  increaseEffort(): boolean {
    return false;
  }

  *save(files: SnapshotFiles, name: string): Steps<Snapshot> {
    const content = Array.from(this.#vectors, ([key, vector]) => [key, ...vector]);
    const file = yield* files.save(`${name}.toy`, function* (path) {
      writeFileSync(path, JSON.stringify(content));
      yield;
    });
    return { format: "toy-1", size: this.size, details: "{}", files: [file] };
  }

  saved(): void {
    this.unsaved = 0;
  }

  close(): void {}
}

/** A kind for libraries whose type is `flat`. */
function toyDefinition(): { readonly definition: IndexDefinition; readonly made: readonly string[] } {
  const made: string[] = [];
  const definition: IndexDefinition = {
    kind: "flat",
    plan: ({ library, files }) =>
      library.index.type === "flat"
        ? {
            kind: "flat",
            format: "toy-1",
            create() {
              made.push("created");
              return new ToyIndex();
            },
            *load({ files: [saved] }) {
              made.push("loaded");
              yield;
              const index = new ToyIndex();
              const rows: readonly number[][] = JSON.parse(readFileSync(files.path(saved?.file ?? ""), "utf8"));
              for (const [key = 0, ...vector] of rows) index.add(key, Float32Array.from(vector));
              return index;
            },
            tune: () => undefined,
            rebuildReason: () => undefined,
          }
        : undefined,
  };
  return { definition, made };
}

let directory: string;
let libraryId: string;
let snapshots: Snapshots;
let reader: SearchReader;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  const store = await EmbeddedStore.open({ directory });
  const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings, dimension };
  ({ id: libraryId } = await store.libraries.create({ ...settings, index: { type: "flat" } }));
  for (const outcome of await store.documents.write(libraryId, newDocuments(200))) valueOf(outcome);
  await store.close();
  snapshots = new Snapshots(directory);
  reader = new SearchReader(directory, new KnownHits());
});
afterAll(async () => {
  snapshots.close();
  reader.close();
  await rm(directory, { recursive: true, force: true });
});

const registryOf = (definitions: readonly IndexDefinition[]) =>
  new IndexRegistry({
    chunks: reader.chunks,
    snapshots,
    thresholds: defaultThresholds,
    log: () => undefined,
    definitions,
  });

it("A kind of index needs a definition alone: it is planned, filled, searched, saved and loaded by it", () => {
  const search = { vector: randomVector(), k: 5 };
  const keysOf = (registry: IndexRegistry) => {
    const [ranking] = new Searcher(reader, registry).rankSoon(libraryId, [search]).answers;
    return ranking?.chosen.map(({ key }) => key) ?? expect.fail();
  };
  const expected = keysOf(registryOf(indexDefinitions));
  expect(expected).toHaveLength(5);
  const { definition, made } = toyDefinition();
  for (const history of [["created"], ["created", "loaded"]]) {
    const registry = registryOf([definition, ...indexDefinitions]);
    expect(keysOf(registry)).toEqual(expected);
    expect(made).toEqual(history);
    const index = registry.get(reader.libraries.find(libraryId)).searchable;
    expect(index instanceof ToyIndex && index.searches).toBe(1);
    registry.close();
  }
});

it("Settings of each type are planned by one kind", () => {
  const resources = {
    source: () => undefined,
    files: snapshots.files,
    thresholds: defaultThresholds,
    log: () => undefined,
  };
  const { num_chunks, ...library } = reader.libraries.find(libraryId).library;
  for (const settings of [{ type: "auto" }, { type: "flat" }, { type: "hnsw" }, { type: "ivf" }]) {
    const index = indexSettings.parse(settings);
    for (const size of [0, num_chunks, defaultThresholds.flatLimit, defaultThresholds.flatLimit + 1]) {
      const request = { ...resources, library: { ...library, index }, size };
      const planned = indexDefinitions.flatMap((definition) => definition.plan(request) ?? []);
      expect(planned.map(({ kind }) => kind)).toEqual([planIndex(indexDefinitions, request).kind]);
      if (index.type !== "auto") expect(planned[0]?.kind).toBe(index.type);
    }
  }
});
