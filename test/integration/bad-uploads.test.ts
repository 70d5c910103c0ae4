import { brotliCompressSync, gzipSync } from "node:zlib";
import { ingestionResponse } from "@arrwdb/protocol/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Scrape } from "../support/metrics.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server.ts";
import { line, problemOf, uploadTo, uploadUrl } from "../support/upload.ts";

let server: TestServer;
let libraryId: string;
beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const streamUrl = (query = "?errors_only=true") => uploadUrl(server.url, libraryId, query);

/** Bad lines, with a good one before each run of them becomes too long. */
function mostlyBad(lines: number): string {
  const run = limits.badLinesInARow / 2;
  return `${line()}\n${"x\n".repeat(run)}`.repeat(Math.ceil(lines / run));
}

describe("An upload of bad lines", () => {
  it("lets others have their turn, however many there are", async () => {
    const count = 30_000;
    let isOver = false;
    const upload = uploadTo(streamUrl(), mostlyBad(count)).finally(() => (isOver = true));
    let others = 0;
    for (; !isOver; others++) expect((await fetch(`${server.url}/v1/libraries/${libraryId}`)).status).toBe(200);
    expect(ingestionResponse.parse(await (await upload).json()).failed).toBe(count);
    // One for each few thousand lines at the least, which were one turn for all of them.
    expect(others).toBeGreaterThan(5);
  });

  it("is not read to its end where none of them is good", async () => {
    const body = "x\n".repeat(100_000);
    const answer = ingestionResponse.parse(await (await uploadTo(streamUrl(), body)).json());
    expect(answer.aborted?.error_code).toBe("validation_failed");
    expect(answer.failed).toBeGreaterThanOrEqual(limits.badLinesInARow);
    expect(answer.failed).toBeLessThan(limits.badLinesInARow + 1_000);
  });

  it("ends with its client, also when it is compressed and all of it has arrived", async () => {
    const lines = async () => (await Scrape.of(server.url)).value("arrwdb_ingest_lines_total");
    const before = await lines();
    const client = new AbortController();
    const left = fetch(streamUrl(), {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", "content-encoding": "gzip" },
      body: gzipSync(mostlyBad(1_000_000)),
      signal: client.signal,
    });
    await vi.waitUntil(async () => (await lines()) > before, { timeout: 50_000, interval: 10 });
    client.abort();
    await expect(left).rejects.toThrow("aborted");
    const inProgress = async () => (await Scrape.of(server.url)).value("arrwdb_uploads_in_progress");
    await vi.waitUntil(async () => (await inProgress()) === 0, { timeout: 50_000, interval: 10 });
    expect((await lines()) - before).toBeLessThan(500_000);
  });
});

describe("A compressed upload", () => {
  it("may not hold ever so much more than it is long", async () => {
    const body = new Uint8Array(brotliCompressSync("\n".repeat(limits.decodedBytes + 16 * 1024 * 1024)));
    expect(body.length).toBeLessThan(10_000);
    const response = await uploadTo(streamUrl(), body, { "content-encoding": "br" });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: "invalid_encoding" });
  });
});
