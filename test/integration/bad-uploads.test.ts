import { brotliCompressSync, gzipSync } from "node:zlib";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Scrape } from "../support/metrics.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { line, problemOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;
let libraryId: string;
beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

const summary = z.object({ aborted: z.object({ error_code: z.string() }) });
/** The end of both kinds of answer. */
const abortedAnswer = z.union([summary, z.object({ summary }).transform((answer) => answer.summary)]);

const streamUrl = (query = "?errors_only=true") => uploadUrl(server.url, libraryId, query);

/** Bad lines, with a good one before each run of them becomes too long. */
function mostlyBad(lines: number): string {
  const run = limits.badLinesInARow / 2;
  return `${line()}\n${"x\n".repeat(run)}`.repeat(Math.ceil(lines / run));
}

describe("An upload of bad lines", () => {
  it("lets others have their turn, however many there are", async () => {
    const count = 60_000;
    const upload = uploadTo(streamUrl(), mostlyBad(count));
    const over = new AbortController();
    const answered = upload.finally(() => over.abort());
    let others = 0;
    while (!over.signal.aborted) {
      expect((await fetch(`${server.url}/v1/libraries/${libraryId}`)).status).toBe(200);
      others++;
    }
    expect(ingestionResponse.parse(await (await answered).json()).failed).toBe(count);
    // At least one for some ten thousand lines, which were one turn for all of them.
    expect(others).toBeGreaterThan(5);
  });

  it("is answered while its client is still sending", async () => {
    const body = new Uint8Array(Buffer.alloc(32 * 1024 * 1024, "x\n"));
    const answer = ingestionResponse.parse(await (await uploadTo(streamUrl(), body)).json());
    expect(answer.aborted?.error_code).toBe("validation_failed");
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
  const compressed = (text: string, times: number) =>
    new Uint8Array(brotliCompressSync(Buffer.alloc(text.length * times, text)));
  const send = (body: Uint8Array<ArrayBuffer>, accept: string) =>
    uploadTo(streamUrl(), body, { "content-encoding": "br", accept });

  /** Once its answer has begun, as it has where the machine is slow, an upload says in its summary why it ended. */
  async function reasonOf(response: Response): Promise<string | undefined> {
    if (response.status !== 200) return (await problemOf(response)).code;
    const last = (await response.text()).trimEnd().split("\n").at(-1) ?? "";
    return abortedAnswer.parse(JSON.parse(last)).aborted.error_code;
  }

  const bomb = compressed("\n", limits.decodedBytes + 16 * 1024 * 1024);

  it.each(["application/json", "application/x-ndjson"])(
    "may not hold ever so much more than it is long: %s",
    async (accept) => {
      expect(bomb.length).toBeLessThan(10_000);
      expect(await reasonOf(await send(bomb, accept))).toBe("invalid_encoding");
    },
  );

  it.each(["application/json", "application/x-ndjson"])("of bad lines ends with their bound: %s", async (accept) => {
    const body = compressed("x\n", 8 * 1024 * 1024);
    expect(body.length).toBeLessThan(10_000);
    expect(await reasonOf(await send(body, accept))).toBe("validation_failed");
  });

  it("is answered while its client is still sending", async () => {
    const rest = new Uint8Array(32 * 1024 * 1024);
    const body = new Uint8Array(Buffer.concat([bomb, rest]));
    expect(await reasonOf(await send(body, "application/json"))).toBe("invalid_encoding");
  });
});
