import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { buffer } from "node:stream/consumers";
import { constants, createGzip, gunzipSync, gzipSync } from "node:zlib";
import type { LineResult, Receipt } from "@arrwdb/protocol/documents/ingestion";
import { documentList } from "@arrwdb/protocol/documents/document-queries";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { range, uuidOf } from "../conformance/store-fixture.ts";
import {
  cutUpload,
  inChunks,
  ofKnownLength,
  streamedResults,
  uploadUntil,
  type Wire,
} from "../support/peers/cut-upload.ts";
import {
  createVectorLibrary,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";
import { spawnServer } from "../support/server/server-process.ts";
import { line, problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { seededRandom } from "../support/data/vectors.ts";

let directory: string;
let server: TestServer;
/** Libraries in which every document was added once, and never written again. */
const added: string[] = [];
const random = seededRandom(11);

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startServer({ ARRWDB_DATA_DIR: directory });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function newLibrary(): Promise<string> {
  const { id } = await createVectorLibrary(server.url);
  added.push(id);
  return id;
}

const keyed = (key: string, headers: Readonly<Record<string, string>> = {}) => ({ "idempotency-key": key, ...headers });
const upload = (id: string, key: string, body: string | Uint8Array<ArrayBuffer>, headers = {}, query = "") =>
  uploadTo(uploadUrl(server.url, id, query), body, keyed(key, headers));
const receiptsOf = (results: readonly LineResult[]) => results.filter((result) => result.success);
const withoutMark = ({ replayed: _replayed, ...first }: Receipt) => first;
const replayedLines = (results: readonly LineResult[]) =>
  receiptsOf(results).flatMap((result) => (result.replayed === true ? [result.line] : []));

async function documentsIn(url: string, id: string) {
  const documents = [];
  for (let cursor = ""; ;) {
    const response = await fetch(`${url}/v1/libraries/${id}/documents?limit=1000${cursor}`);
    const page = documentList.parse(await response.json());
    documents.push(...page.documents);
    if (page.next_cursor === null) return documents;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** The library holds the documents of these receipts, each once, as they tell, and nothing else. */
async function expectOnce(id: string, receipts: readonly Receipt[], url = server.url): Promise<void> {
  const stored = (await documentsIn(url, id)).map((document) => [document.id, document.title, document.seq]);
  const told = receipts.map((result) => [result.document_id, result.title, result.seq]);
  const byId = (a: readonly unknown[], b: readonly unknown[]) => String(a[0]).localeCompare(String(b[0]));
  expect(stored.toSorted(byId)).toEqual(told.toSorted(byId));
}

/** Each line compressed by itself, so that it can be read before the next one has come. */
async function gzipByLine(text: Buffer): Promise<Buffer> {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  for (const part of text.toString().split(/(?<=\n)/)) gzip.write(part);
  gzip.end();
  return buffer(gzip);
}

const gunzipPart = (part: Uint8Array) =>
  part.length === 0 ? part : gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH });

/** The numbers of the lines that are not blank and have come whole. */
function linesIn(body: Uint8Array, isWhole: boolean): readonly number[] {
  const lines = Buffer.from(body).toString().split("\n");
  return lines.flatMap((text, index) => (text === "" || (index === lines.length - 1 && !isWhole) ? [] : [index + 1]));
}

/** Lines of which every third has an id of its own, with blank and bad ones in between. */
const manyLines = (count: number) =>
  range(1, count).map((number) => {
    if (number % 50 === 0) return "";
    if (number % 35 === 0) return "{bad";
    const own = number % 3 === 0 ? { id: uuidOf(number) } : {};
    return line({ title: `${number}`, ...own, filler: "x".repeat(Math.floor(random() * 200)) });
  });

describe("An upload with a key that is cut at any byte", () => {
  const gzip = { "content-encoding": "gzip" };
  const ways: readonly (readonly [string, (body: Uint8Array) => Wire, boolean])[] = [
    ["of a known length", ofKnownLength, false],
    ["in chunks", (body) => inChunks(body, 50), false],
    ["in gzip", ofKnownLength, true],
    ["in chunks of gzip", (body) => inChunks(body, 50), true],
  ];
  it.each(ways)("%s is whole when it was sent again", async (_name, onWire, compressed) => {
    const id = await newLibrary();
    const receipts: Receipt[] = [];
    let wire: Wire;
    let position = 0;
    do {
      const lines = [line({ title: "a" }), "", "nonsense", line({ title: "b", id: uuidOf(position) }), line()];
      const text = Buffer.from(lines.join("\n"));
      const body = compressed ? await gzipByLine(text) : text;
      wire = onWire(body);
      const headers = keyed(`cut-at-${position}`, compressed ? gzip : {});
      const whole = position === wire.bytes.length;
      const read = linesIn(compressed ? gunzipPart(wire.bodyIn(position)) : wire.bodyIn(position), whole);
      const leave = ([read.length, "politely", "at once"] as const)[position % 3] ?? read.length;
      await cutUpload(
        uploadUrl(server.url, id),
        { ...headers, ...wire.headers },
        wire.bytes.subarray(0, position),
        leave,
      );
      const { results } = await resultsOf(uploadTo(uploadUrl(server.url, id), Uint8Array.from(body), headers));
      expect(results).toMatchObject([
        { line: 1, success: true, title: "a" },
        { line: 3, success: false, error_code: "malformed_json" },
        { line: 4, success: true, title: "b", document_id: uuidOf(position) },
        { line: 5, success: true, title: "T" },
      ]);
      const replayed = replayedLines(results);
      if (typeof leave === "number") expect(replayed).toEqual(read.filter((number) => number !== 3));
      receipts.push(...receiptsOf(results));
    } while (position++ < wire.bytes.length);
    expect(receipts).toHaveLength(3 * position);
    await expectOnce(id, receipts);
  });

  it("many times over ends whole, and tells what it told before", async () => {
    const id = await newLibrary();
    const body = Buffer.from(manyLines(2000).join("\n"));
    const told = new Map<number, LineResult>();
    for (let attempt = 0; attempt < 12; attempt++) {
      const position = Math.floor(random() * body.length);
      const part = body.subarray(0, position);
      const lines = part.toString().split("\n").slice(0, -1);
      const answered = Math.floor(random() * lines.filter((text) => text !== "").length);
      const headers = keyed("again", { "content-length": `${body.length}` });
      const results = await uploadUntil(uploadUrl(server.url, id), headers, part, answered);
      expect(results.length).toBeGreaterThanOrEqual(answered);
      for (const result of results) {
        const before = told.get(result.line);
        if (before?.success === true) expect(result).toEqual({ ...before, replayed: true });
        else told.set(result.line, result);
      }
    }
    const { results, successful, failed } = await resultsOf(upload(id, "again", Uint8Array.from(body)));
    expect([successful, failed]).toEqual([1908, 52]);
    for (const result of results) {
      const before = told.get(result.line);
      if (before?.success === true) expect(result).toEqual({ ...before, replayed: true });
    }
    expect(told.size).toBeGreaterThan(100);
    await expectOnce(id, receiptsOf(results));
  });

  it("by a server that is killed is whole when the next one has it again", async () => {
    const own = await temporaryDirectory();
    const body = Buffer.from(manyLines(1500).join("\n"));
    let process = await spawnServer(own);
    const { id } = await createVectorLibrary(process.url);
    const told = new Map<number, LineResult>();
    for (const wanted of [1, 150, 400, 1000]) {
      const url = uploadUrl(process.url, id);
      const headers = keyed("killed", { "content-length": `${body.length}` });
      const results = await uploadUntil(url, headers, body.subarray(0, -1), wanted, () => process.kill());
      for (const result of results) if (!told.has(result.line)) told.set(result.line, result);
      process = await spawnServer(own);
    }
    const { results } = await resultsOf(uploadTo(uploadUrl(process.url, id), Uint8Array.from(body), keyed("killed")));
    const receipts = receiptsOf(results);
    expect(receipts).toHaveLength(1432);
    for (const result of receipts) {
      const before = told.get(result.line);
      if (before?.success === true) expect(result).toEqual({ ...before, replayed: true });
    }
    expect(replayedLines(results).length).toBeGreaterThanOrEqual(receiptsOf([...told.values()]).length);
    await expectOnce(id, receipts, process.url);
    await process.kill();
    await rm(own, { recursive: true, force: true });
  });
});

describe("An upload with a key", () => {
  it("is answered the same when it is sent again, with its position", async () => {
    const id = await newLibrary();
    const body = manyLines(200).join("\n");
    const first = await resultsOf(upload(id, "k", body));
    await resultsOf(uploadTo(uploadUrl(server.url, id), line()));
    const again = await resultsOf(upload(id, "k", body));
    expect(replayedLines(again.results)).toEqual(receiptsOf(first.results).map((result) => result.line));
    expect(receiptsOf(again.results).map(withoutMark)).toEqual(receiptsOf(first.results));
    expect([again.successful, again.failed, again.seq]).toEqual([first.successful, first.failed, first.seq]);
    const streamed = await streamedResults(await upload(id, "k", body, { accept: "application/x-ndjson" }));
    expect(streamed.results).toEqual(again.results);
    expect(streamed.summary).toMatchObject({ successful: first.successful, failed: first.failed, seq: first.seq });
    expect(await documentsIn(server.url, id)).toHaveLength(first.successful + 1);
  });

  it("goes on behind what was committed, and tells the failures of both times", async () => {
    const id = await newLibrary();
    const lines = manyLines(100);
    await resultsOf(upload(id, "k", lines.slice(0, 60).join("\n")));
    const answer = await resultsOf(upload(id, "k", lines.join("\n"), {}, "?errors_only=true"));
    expect(answer).toMatchObject({ successful: 96, failed: 2, results: [{ line: 35 }, { line: 70 }] });
    const { results } = await resultsOf(upload(id, "k", lines.join("\n")));
    await expectOnce(id, receiptsOf(results));
  });

  it("may have blank lines where receipts are known", async () => {
    const id = await newLibrary();
    const lines = range(1, 700).map((number) => line({ title: `${number}` }));
    const first = await resultsOf(upload(id, "k", lines.slice(0, 600).join("\n")));
    const rest = lines.map((text, index) => (index < 590 ? "" : text)).join("\n");
    const { results, successful } = await resultsOf(upload(id, "k", rest));
    expect([successful, results[0]?.line, replayedLines(results)]).toEqual([110, 591, range(591, 600)]);
    await expectOnce(id, [...receiptsOf(first.results).slice(0, 590), ...receiptsOf(results)]);
  });

  it("may be sent by several clients at the same time", async () => {
    const id = await newLibrary();
    const body = manyLines(400).join("\n");
    const ndjson = { accept: "application/x-ndjson" };
    const answers = await Promise.all([
      resultsOf(upload(id, "k", body)),
      resultsOf(upload(id, "k", body)),
      upload(id, "k", body, ndjson).then(streamedResults),
      upload(id, "k", Uint8Array.from(gzipSync(body)), { ...ndjson, "content-encoding": "gzip" }).then(streamedResults),
    ]);
    const [one, ...others] = answers.map(({ results }) => receiptsOf(results).map(withoutMark));
    for (const other of others) expect(other).toEqual(one);
    await expectOnce(id, one ?? []);
    expect(answers.flatMap(({ results }) => replayedLines(results))).toHaveLength(3 * (one?.length ?? 0));
  });

  it("is another one in another library, and with another key", async () => {
    const [one, two] = [await newLibrary(), await newLibrary()];
    const ids: string[] = [];
    for (const [id, key] of [
      [one, "k"],
      [two, "k"],
      [one, "K"],
    ] as const) {
      const [result] = receiptsOf((await resultsOf(upload(id, key, line()))).results);
      expect(result?.replayed).toBeUndefined();
      ids.push(result?.document_id ?? "");
    }
    expect(new Set(ids).size).toBe(3);
  });

  it("refuses a line that has changed, alone", async () => {
    const id = await newLibrary();
    const lines = range(1, 3).map((number) => line({ title: `${number}` }));
    const first = await resultsOf(upload(id, "k", lines.join("\n")));
    const { results } = await resultsOf(upload(id, "k", lines.with(1, line({ title: "changed" })).join("\n")));
    expect(results).toMatchObject([
      { line: 1, success: true, replayed: true },
      { line: 2, success: false, error_code: "idempotency_conflict", error: expect.stringContaining("new key") },
      { line: 3, success: true, replayed: true },
    ]);
    await expectOnce(id, receiptsOf(first.results));
  });

  it("refuses an id that stands twice each time, and not the line that has it first", async () => {
    const id = await newLibrary();
    const body = [1, 2].map((number) => line({ id: uuidOf(1), title: `${number}` })).join("\n");
    const second = { line: 2, success: false, error_code: "duplicate_id" };
    expect((await resultsOf(upload(id, "k", body))).results).toMatchObject([{ success: true }, second]);
    expect((await resultsOf(upload(id, "k", body))).results).toMatchObject([{ replayed: true }, second]);
  });

  it("ends with its library", async () => {
    const { id } = await createVectorLibrary(server.url);
    const remove = () => fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    const first = `${line()}\n`;
    const body = Buffer.from(first + first);
    const headers = keyed("k", { "content-length": `${body.length}` });
    await uploadUntil(uploadUrl(server.url, id), headers, body.subarray(0, first.length), 1, remove);
    expect(await problemOf(await upload(id, "k", first))).toMatchObject({ code: "library_not_found" });
  });

  it("has a key of 1 to 255 visible characters", async () => {
    const id = await newLibrary();
    for (const key of ["", "x".repeat(256), "schlüssel", "two words", "a, b"]) {
      const refused = await problemOf(await upload(id, key, line()));
      expect(refused).toMatchObject({ status: 422, code: "validation_failed", field: "Idempotency-Key" });
    }
    for (const key of ["x", "x".repeat(255), `"~!'"`]) {
      expect(await resultsOf(upload(id, key, line()))).toMatchObject({ successful: 1 });
    }
    expect(await problemOf(await upload(id, "empty", ""))).toMatchObject({ code: "empty_body" });
  });
});

it("Each document was added once, as the events tell, and without a key nothing is kept", async () => {
  const { id } = await createVectorLibrary(server.url);
  const plain = await resultsOf(uploadTo(uploadUrl(server.url, id), [line(), line()].join("\n")));
  expect(plain).toMatchObject({ successful: 2, results: [{ line: 1 }, { line: 2 }] });
  await server.stop();
  const store = await EmbeddedStore.open({ directory });
  for (const libraryId of [...added, id]) {
    const { events } = await store.events.read(libraryId, { afterSeq: 1, limit: 1_000_000 });
    const ids = events.map(({ type, data }) => (type === "document.added" ? data.id : type));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength((await store.libraries.get(libraryId)).num_documents);
  }
  await store.close();
  const database = new DatabaseSync(join(directory, "arrwdb.sqlite"));
  const kept = "SELECT count(*) AS uploads FROM uploads WHERE library = (SELECT key FROM libraries WHERE id = ?)";
  expect(database.prepare(kept).get(id)).toEqual({ uploads: 0 });
  database.close();
  server = await startServer({ ARRWDB_DATA_DIR: directory });
});
