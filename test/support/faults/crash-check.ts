import assert from "node:assert/strict";
import { documentList } from "@arrwdb/protocol/documents/document-queries";
import { library } from "@arrwdb/protocol/documents/model";
import { searchResponse } from "@arrwdb/protocol/search/search";
import { z } from "zod";
import type { CrashLedger, Found } from "./crash-ledger.ts";
import { post } from "../server/test-server.ts";

/** Documents that are looked for by their own vectors. */
const samples = 15;

const read = z.object({
  document: z.object({ title: z.string(), chunks: z.array(z.object({ text: z.string() })) }),
});

/**
 * Compares a library with what was acknowledged: every document, their count, the list of all, and the search for some.
 *
 * @param url of the library
 * @throws where something that was acknowledged is not there, or something is there that nobody sent
 */
export async function checkAfterCrash(url: string, ledger: CrashLedger, random: () => number): Promise<void> {
  for (const id of ledger.unsettled) ledger.settle(id, await documentOf(url, id));
  const { present } = ledger;
  const info = library.parse(await (await fetch(url)).json());
  const counted = {
    documents: present.length,
    chunks: present.reduce((sum, { chunks }) => sum + chunks.length, 0),
  };
  assert.deepEqual({ documents: info.num_documents, chunks: info.num_chunks }, counted);
  const listed = await titlesOf(url);
  assert.deepEqual(listed, new Map(present.map(({ id, title }) => [id, title])));
  for (let sample = 0; sample < samples; sample++) {
    const entry = present[Math.floor(random() * present.length)];
    const chunk = entry?.chunks[0];
    if (entry === undefined || chunk === undefined) continue;
    const response = await post(`${url}/search`, { embedding: chunk.embedding, k: 3 });
    const { results, seq } = searchResponse.parse(await response.json());
    assert.equal(seq, info.seq);
    assert.deepEqual([results[0]?.document_id, results[0]?.text], [entry.id, chunk.text]);
    for (const hit of results) assert.equal(listed.get(hit.document_id), hit.document?.title);
    const found = await documentOf(url, entry.id);
    assert.deepEqual(
      found?.chunks.map(({ text }) => text),
      entry.chunks.map(({ text }) => text),
    );
  }
}

async function documentOf(url: string, id: string): Promise<Found | undefined> {
  const response = await fetch(`${url}/documents/${id}`);
  if (response.status === 404) return undefined;
  return read.parse(await response.json()).document;
}

async function titlesOf(url: string): Promise<ReadonlyMap<string, string>> {
  const titles = new Map<string, string>();
  for (let cursor = ""; ;) {
    const page = documentList.parse(await (await fetch(`${url}/documents?limit=1000${cursor}`)).json());
    for (const document of page.documents) titles.set(document.id, document.title);
    if (page.next_cursor === null) return titles;
    cursor = `&cursor=${page.next_cursor}`;
  }
}
