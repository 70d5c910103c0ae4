import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dimension, newDocuments, range, valueOf } from "../../../../../test/conformance/store-fixture.ts";
import { eventually } from "../../../../../test/support/waiting.ts";
import { EmbeddedStore } from "../../embedded/embedded-store.ts";
import { KnownHits } from "../search/answers/known-hits.ts";
import { IndexRegistry } from "./index-registry.ts";
import { defaultThresholds } from "./index-thresholds.ts";
import { SearchReader } from "../search/search-reader.ts";
import { Snapshots } from "./snapshots.ts";

const thresholds = { ...defaultThresholds, flatLimit: 20, tailLimit: 60, saveAfter: 1 };

let directory: string;
let reader: SearchReader;
let snapshots: Snapshots;

/** Four libraries whose indexes were saved. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  const store = await EmbeddedStore.open({ directory, thresholds });
  for (const number of range(1, 4)) {
    const settings = { name: `L${number}`, description: null, embeddingModel: "none", events: defaultEventSettings };
    const { id } = await store.libraries.create({ ...settings, dimension });
    for (const outcome of await store.documents.write(id, newDocuments(200))) valueOf(outcome);
  }
  await eventually(async () => !(await store.statistics.isMigrating()));
  await store.close();
  reader = new SearchReader(directory, new KnownHits());
  snapshots = new Snapshots(directory);
});
afterAll(async () => {
  snapshots.close();
  reader.close();
  await rm(directory, { recursive: true, force: true });
});

const open = () => {
  const registry = new IndexRegistry({ chunks: reader.chunks, snapshots, thresholds, log: () => undefined });
  const rows = reader.libraries.all();
  registry.recover(rows);
  const step = () => registry.open((id) => reader.libraries.peek(id));
  return { registry, rows, step };
};

it("An index that searches wait for is opened before others", () => {
  const { registry, rows, step } = open();
  // All are begun with.
  for (let begun = 0; begun < rows.length; begun++) step();
  const last = rows.at(-1) ?? expect.fail();
  expect(registry.get(last).loading).toBe(true);
  registry.prioritize(last.key);
  while (registry.get(last).loading) step();
  expect(rows.filter(({ key }) => registry.peek(key)?.loading !== false)).toHaveLength(rows.length - 1);
  while (!registry.recovered) step();
  registry.close();
});

it("What was written of an index is removed where saving it is given up", async () => {
  const { registry, rows, step } = open();
  while (!registry.recovered) step();
  const [row] = rows;
  const index = registry.get(row ?? expect.fail()).persistent ?? expect.fail();
  const before = await readdir(snapshots.files.directory);
  for (let steps = 1; ; steps++) {
    const saving = snapshots.save(row ?? expect.fail(), index);
    let isOver = false;
    for (let done = 0; done < steps && !isOver; done++) isOver = saving.next().done === true;
    if (isOver) break;
    saving.return();
    expect((await readdir(snapshots.files.directory)).toSorted()).toEqual(before.toSorted());
  }
  registry.close();
});
