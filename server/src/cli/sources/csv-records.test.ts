import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvForm, type CsvRecord, csvRecords } from "./csv-records.ts";

const commas: CsvForm = { delimiter: ",", quoted: true };

/** The rows of a table that comes in pieces of some size. */
async function read(table: string | Buffer, form = commas, size = 7): Promise<readonly CsvRecord[]> {
  const bytes = Buffer.from(table);
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(pieces(), form)) records.push(record);
  return records;
}

const written = (cell: string) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
/** A first cell with a letter, so that no row is an empty line; no blanks, as a line of blanks in a cell is read as an empty one; no line end of Windows inside, as those are read as "\n". */
const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "é") });
const row = fc
  .tuple(
    cell.map((text) => `x${text}`),
    fc.array(cell, { maxLength: 3 }),
  )
  .map(([first, rest]) => [first, ...rest]);

describe("The rows of a table", () => {
  it("are read as they were written, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row),
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 1, max: 9 }),
        async (rows, end, size) => {
          const table = rows.map((cells) => cells.map(written).join(",") + end).join("");
          const found = await read(table, commas, size);
          expect(found.map((record) => ("cells" in record ? record.cells : record.fault))).toEqual(rows);
        },
      ),
    );
  });

  it("fail alone, whatever is wrong with one", async () => {
    const bad = ['a"b",c', '"a"b,c', '"never closed,c', Buffer.from("caf\u00e9,c", "latin1"), '"', ',"'];
    for (const one of bad) {
      for (const behind of ["1,2\n3,4\n", '"1","2"\n3,"4\n""5"""\n', ""]) {
        const good = (await read(behind)).map((record) => ("cells" in record ? record.cells : record.fault));
        const found = await read(Buffer.concat([Buffer.from("0,0\n"), Buffer.from(one), Buffer.from(`\n${behind}`)]));
        expect(found.slice(0, 2)).toMatchObject([
          { line: 1, cells: ["0", "0"] },
          { line: 2, fault: expect.any(String) },
        ]);
        expect(found.slice(2).map((record) => ("cells" in record ? record.cells : record.fault))).toEqual(good);
      }
    }
  });

  it("have no quotes where the form has none", async () => {
    const tabs = { delimiter: "\t", quoted: false };
    expect(await read('"a\tb"\nc "d" e\tf\n', tabs)).toEqual([
      { line: 1, cells: ['"a', 'b"'] },
      { line: 2, cells: ['c "d" e', "f"] },
    ]);
  });
});
