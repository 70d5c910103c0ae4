import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uuidOf } from "../conformance/store-conformance.ts";
import { checkAfterCrash } from "../support/faults/crash-check.ts";
import { CrashLedger, type Entry } from "../support/faults/crash-ledger.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let nextId = 1;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const version = (id: string, title: string, angle: number): Entry => ({
  id,
  title,
  chunks: [`${title} one`, `${title} two`].map((text, index) => ({
    text,
    embedding: [Math.cos(angle + index), Math.sin(angle + index)],
  })),
});

/** What a crash leaves, made by hand: documents that were acknowledged, and one that something is under way for. */
async function scene() {
  const { id: libraryId } = await createVectorLibrary(server.url, 2);
  const url = `${server.url}/v1/libraries/${libraryId}`;
  const ledger = new CrashLedger();
  const put = async (entry: Entry) => {
    const response = await post(`${url}/documents`, entry);
    if (response.status !== 201 && response.status !== 200) throw new Error(await response.text());
  };
  const remove = async (id: string) => {
    await fetch(`${url}/documents/${id}`, { method: "DELETE" });
  };
  const id = uuidOf(nextId++);
  const [first, second] = [version(id, "first", 0), version(id, "second", 0.3)];
  const other = version(uuidOf(nextId++), "other", 3);
  for (const entry of [first, other]) {
    ledger.begin(entry.id, entry);
    await put(entry);
    ledger.acknowledge(entry.id, entry);
  }
  const check = () => checkAfterCrash(url, ledger, () => 0.5);
  return { ledger, put, remove, id, first, second, other, check };
}

describe("The check after a crash", () => {
  it("takes the version that was acknowledged, and the one that was on its way", async () => {
    const kept = await scene();
    kept.ledger.begin(kept.id, kept.second);
    await expect(kept.check()).resolves.toBeUndefined();
    const replaced = await scene();
    replaced.ledger.begin(replaced.id, replaced.second);
    await replaced.put(replaced.second);
    await expect(replaced.check()).resolves.toBeUndefined();
    expect(replaced.ledger.present).toEqual([replaced.second, replaced.other]);
  });

  it("notices an acknowledged document that is lost while its replacement is on its way", async () => {
    const { ledger, remove, id, second, check } = await scene();
    ledger.begin(id, second);
    await remove(id);
    await expect(check()).rejects.toThrow(`Document ${id} has to be first or second, and is lost`);
  });

  it("notices one that is lost though nothing was on its way", async () => {
    const { remove, id, check } = await scene();
    await remove(id);
    await expect(check()).rejects.toThrow("strictly deep-equal");
  });

  it("notices half of each of two versions", async () => {
    const { ledger, put, id, first, second, check } = await scene();
    ledger.begin(id, second);
    await put({ ...second, chunks: [...first.chunks.slice(0, 1), ...second.chunks.slice(1)] });
    await expect(check()).rejects.toThrow("has to be first or second");
  });

  it("notices one that came back after its deletion was acknowledged", async () => {
    const { ledger, id, second, check } = await scene();
    ledger.begin(id, undefined);
    ledger.acknowledge(id, undefined);
    ledger.begin(id, second);
    await expect(check()).rejects.toThrow("has to be nothing or second");
  });

  it("lets a document be gone whose deletion was on its way, or that nobody acknowledged", async () => {
    const { ledger, remove, id, other, check } = await scene();
    ledger.begin(id, undefined);
    await remove(id);
    const never = version(uuidOf(nextId++), "never", 1);
    ledger.begin(never.id, never);
    await expect(check()).resolves.toBeUndefined();
    expect(ledger.present).toEqual([other]);
  });
});
