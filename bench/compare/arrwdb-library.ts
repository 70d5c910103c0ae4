import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { type LineResult } from "@arrwdb/protocol/documents/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { library, noEmbeddingModel } from "@arrwdb/protocol/documents/model";
import { request } from "undici";
import { z } from "zod";
import { splitLines } from "../../server/src/core/ingestion/lines.ts";
import { post } from "../support/server.ts";
import { type Dataset, textOf } from "./dataset.ts";

export const base64Of = (vector: Float32Array<ArrayBuffer>): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

/** A library of vectors that its clients bring along. */
export async function createVectorLibrary(url: string, dimension: number): Promise<string> {
  const response = await post(`${url}/v1/libraries`, { name: "bench", embedding_model: noEmbeddingModel, dimension });
  return library.parse(await response.json()).id;
}

/** Lines that are handed to the socket at a time. */
const linesAtOnce = 64;

/** A document of one chunk for each row from `start` to `end`, made as fast as the server reads. */
export function* documentLines(dataset: Dataset, start: number, end: number): Generator<Buffer> {
  for (let first = start; first < end; first += linesAtOnce) {
    let lines = "";
    for (let row = first; row < Math.min(end, first + linesAtOnce); row++) {
      const { tenth, fiftieth, thousandth } = dataset.fields(row);
      lines += `{"title":"${row}","tenth":${tenth},"fiftieth":${fiftieth},"thousandth":${thousandth},"chunks":[{"text":"${textOf(row)}","embedding":"${base64Of(dataset.vector(row))}"}]}\n`;
    }
    yield Buffer.from(lines, "latin1");
  }
}

/** One NDJSON upload. Resolves when every row has its receipt; throws where one is refused. */
async function uploadRows(
  url: string,
  libraryId: string,
  { dataset, start, end }: { readonly dataset: Dataset; readonly start: number; readonly end: number },
  onRows: (rows: number) => void,
): Promise<void> {
  const { body } = await request(`${url}/v1/libraries/${libraryId}/documents/stream`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
    body: Readable.from(documentLines(dataset, start, end)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let stored = 0;
  for await (const { bytes = new Uint8Array() } of splitLines(body, limits.lineBytes)) {
    const result: LineResult | { readonly summary: unknown } = JSON.parse(Buffer.from(bytes).toString());
    if ("summary" in result) continue;
    if (!result.success) throw new Error(`Line ${result.line}: ${result.error}`);
    stored++;
    onRows(1);
  }
  if (stored !== end - start) throw new Error(`${stored} of ${end - start} rows have a receipt`);
}

/** All rows from `start` on, in uploads of equal length at the same time. */
export async function uploadDataset(
  url: string,
  libraryId: string,
  dataset: Dataset,
  { start = 0, uploads, onRows }: { start?: number; uploads: number; onRows?: (rows: number) => void },
): Promise<void> {
  const share = Math.ceil((dataset.count - start) / uploads);
  const starts = Array.from({ length: uploads }, (_, index) => start + index * share);
  await Promise.all(
    starts.map((first) =>
      uploadRows(
        url,
        libraryId,
        { dataset, start: first, end: Math.min(dataset.count, first + share) },
        onRows ?? (() => undefined),
      ),
    ),
  );
}

const statistics = z.object({ index: z.object({ pending: z.int().min(0) }) });

/**
 * Waits until no chunk waits for the index.
 *
 * @returns whether it is known; a server that does not tell leaves it open.
 */
export async function waitUntilIndexed(url: string, libraryId: string): Promise<boolean> {
  for (;;) {
    const response = await fetch(`${url}/v1/libraries/${libraryId}/stats`);
    const parsed = statistics.safeParse(await response.json());
    if (!response.ok || !parsed.success) return false;
    if (parsed.data.index.pending === 0) return true;
    await wait(20);
  }
}
