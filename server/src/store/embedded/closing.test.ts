import { defaultEventSettings } from "@arrwdb/protocol/model";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { codeOf, dimension, newChunk, newDocument } from "../../../../test/conformance/store-fixture.ts";
import { EmbeddedStore } from "./embedded-store.ts";

it("closes without working off searches that take long, each of which is answered or refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  const store = await EmbeddedStore.open({ directory });
  const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
  const { id } = await store.createLibrary({ ...settings, dimension });
  const chunks = Array.from({ length: 100 }, (_each, number) => newChunk({ text: `common word ${number}` }));
  await store.writeDocuments(
    id,
    Array.from({ length: 20 }, () => newDocument({ chunks })),
  );
  const search = () => store.search(id, { mode: "text", text: "common", k: 1_000 });
  await search();

  const codes = Array.from({ length: 2_000 }, () => codeOf(search()));
  await store.close();
  expect(new Set(await Promise.all(codes))).toContain("shutting_down");
  expect(new Set([...(await Promise.all(codes)), undefined])).toEqual(new Set([undefined, "shutting_down"]));
  await rm(directory, { recursive: true });
});
