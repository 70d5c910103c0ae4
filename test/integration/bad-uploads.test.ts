import { gzipSync } from "node:zlib";
import { ingestionResponse } from "@arrwdb/protocol/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Scrape } from "../support/metrics.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server.ts";
import { line, uploadTo, uploadUrl } from "../support/upload.ts";

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
