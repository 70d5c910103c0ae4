import { hash } from "node:crypto";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { expect, it } from "vitest";
import type { ReceiptRange, StoredReceipt } from "../../store/upload-store.ts";
import type { UploadStore } from "../../store/upload-store.ts";
import { Resumption } from "./resumption.ts";

const bytesOf = (line: number) => Buffer.from(`line ${line}`);
const receiptOf = (line: number): StoredReceipt => ({
  line,
  hash: hash("sha256", bytesOf(line), "buffer"),
  documentId: `${line}`,
  title: "T",
  titleGenerated: line % 2 === 0,
  numChunks: 1,
  seq: line,
});

/** Receipts of these lines, and what of them is read. */
class Receipts implements UploadStore {
  readonly #lines: readonly number[];
  readonly reads: ReceiptRange[] = [];
  failing = false;

  constructor(lines: readonly number[]) {
    this.#lines = lines;
  }

  async begin() {
    return { uploadId: "u" };
  }

  async readReceipts(_libraryId: string, range: ReceiptRange): Promise<readonly StoredReceipt[]> {
    this.reads.push(range);
    if (this.failing) throw new ArrwError("storage_failed", "I/O error");
    const found = this.#lines.filter((line) => line > range.afterLine).slice(0, range.limit);
    return found.map(receiptOf);
  }
}

const even = (count: number) => Array.from({ length: count }, (_each, index) => 2 * (index + 1));
const upTo = (count: number) => Array.from({ length: count }, (_each, index) => index + 1);

it("recalls each line that has a receipt, a page at a time, also where many lines are asked for at once", async () => {
  const receipts = new Receipts(even(1000));
  const resumption = await Resumption.begin(receipts, "l", "k");
  const recalled = await Promise.all(upTo(2100).map((line) => resumption.recall(line, bytesOf(line))));
  const replayed = recalled.flatMap((found) => ("replayed" in found ? [found.replayed.line] : []));
  expect(replayed).toEqual(even(1000));
  expect(recalled[0]).toEqual({ uploadLine: { line: 1, hash: receiptOf(1).hash } });
  expect(receipts.reads).toEqual([0, 512, 1024, 1536].map((afterLine) => ({ uploadId: "u", afterLine, limit: 256 })));
});

it("passes over the receipts of lines that are blank now without reading them", async () => {
  const receipts = new Receipts(upTo(100_000));
  const resumption = await Resumption.begin(receipts, "l", "k");
  expect(await resumption.recall(90_000, bytesOf(90_000))).toEqual({ replayed: receiptOf(90_000) });
  expect(receipts.reads).toHaveLength(1);
});

it("fails for a line that could not be looked up or differs, and goes on with the next", async () => {
  const receipts = new Receipts([1, 2, 3]);
  const resumption = await Resumption.begin(receipts, "l", "k");
  receipts.failing = true;
  await expect(resumption.recall(1, bytesOf(1))).rejects.toMatchObject({ code: "storage_failed" });
  receipts.failing = false;
  await expect(resumption.recall(2, bytesOf(1))).rejects.toMatchObject({ code: "idempotency_conflict" });
  expect(await resumption.recall(3, bytesOf(3))).toEqual({ replayed: receiptOf(3) });
});
