import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeCommits } from "./store-commits.ts";
import { describeDocuments } from "./documents/store-documents.ts";
import { describePatches } from "./documents/store-patches.ts";
import { describeDocumentQueries } from "./documents/store-document-queries.ts";
import { describeEvents } from "./store-events.ts";
import { describeExpiry } from "./documents/store-expiry.ts";
import { describeExports } from "./documents/store-exports.ts";
import { describeFacets } from "./search/store-facets.ts";
import { describeHitFields } from "./search/store-hit-fields.ts";
import { codeOf, newDocument, StoreFixture, type StoreHarness } from "./store-fixture.ts";
import { describeGroups } from "./search/store-groups.ts";
import { describeFilters } from "./search/store-filters.ts";
import { describeLibraries } from "./store-libraries.ts";
import { describeLike } from "./search/store-like.ts";
import { describePages } from "./search/store-pages.ts";
import { describeModel } from "./store-model.ts";
import { describeReembedding } from "./store-reembedding.ts";
import { describeRecall } from "./search/store-recall.ts";
import { describeSearch } from "./search/store-search.ts";
import { describeLiveQueries } from "./live/store-live-queries.ts";
import { describeTextSearch } from "./search/store-text-search.ts";
import { describeUploads } from "./documents/store-uploads.ts";

export { newDocument, type StoreHarness, uuidOf, valueOf } from "./store-fixture.ts";

/** Every promise of the `Store` interface, for every store. */
export function describeStore(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} keeps the promises of a store:`, () => {
    const fixture = fixtureOf(open);
    describeLibraries(fixture);
    describeEvents(fixture);
    describeUploads(fixture);
    describeExports(fixture);
    describeDocumentQueries(fixture);
    describeExpiry(fixture);
    describeIndexed(fixture);
  });
}

/** The promises that another kind of index could break, for a store that passes `describeStore` with the usual one. */
export function describeStoreWithIndex(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} keeps the promises of a store:`, () => {
    describeIndexed(fixtureOf(open));
  });
}

/** The promises of `ReembeddingStore`, for a store whose libraries can be re-embedded. */
export function describeReembeddingStore(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} keeps the promises of a store:`, () => {
    describeReembedding(fixtureOf(open));
  });
}

function fixtureOf(open: () => Promise<StoreHarness>): StoreFixture {
  const fixture = new StoreFixture(open);
  beforeEach(() => fixture.begin());
  afterEach(() => fixture.end());
  afterAll(() => fixture.destroy());
  return fixture;
}

function describeIndexed(fixture: StoreFixture): void {
  describeDocuments(fixture);
  describePatches(fixture);
  describeCommits(fixture);
  describeSearch(fixture);
  describeLike(fixture);
  describeRecall(fixture);
  describeTextSearch(fixture);
  describeFilters(fixture);
  describeFacets(fixture);
  describeHitFields(fixture);
  describeGroups(fixture);
  describePages(fixture);
  describeLiveQueries(fixture);
  describeModel(fixture);
  describeEnd(fixture);
}

function describeEnd(fixture: StoreFixture): void {
  it("closing answers what is in progress, stored or refused, and refuses what comes after", async () => {
    const { store, library } = fixture;
    const pending = store.documents.write(library.id, [newDocument()]);
    const closed = store.close();
    expect(await codeOf(store.libraries.get(library.id))).toBe("shutting_down");
    expect(await codeOf(store.documents.write(library.id, [newDocument()]))).toBe("shutting_down");
    const code = await codeOf(pending);
    expect([undefined, "shutting_down"]).toContain(code);
    const stored = code === undefined ? 1 : 0;
    await closed;
    await store.close();
    expect(await codeOf(store.libraries.list({ limit: 1 }))).toBe("shutting_down");
    await fixture.reopen();
    expect(await fixture.store.libraries.get(library.id)).toMatchObject({ num_documents: stored, seq: 1 + stored });
  });
}
