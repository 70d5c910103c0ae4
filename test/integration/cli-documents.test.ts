import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DocumentSummary, LibraryHandle } from "arrwdb-client";
import { ClientBench, pointing } from "../support/peers/test-client.ts";
import { commandFile, runCommand, runInTerminal } from "../support/server/command.ts";
import { Program } from "../support/server/program.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let bench: ClientBench;
let directory: string;

beforeAll(async () => {
  bench = await ClientBench.start();
  directory = await temporaryDirectory();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const ndjson = (count: number) =>
  Array.from({ length: count }, (_, index) => JSON.stringify(pointing(`document ${index}`, index))).join("\n");

const write = (name: string, content: string | Uint8Array) => writeFile(join(directory, name), content);
const run = (...args: readonly string[]) => runCommand(args, { url: bench.proxy.url, directory });

async function documentsOf(library: LibraryHandle): Promise<DocumentSummary[]> {
  const documents: DocumentSummary[] = [];
  for await (const document of library.documents()) documents.push(document);
  return documents;
}

async function textLibrary(): Promise<LibraryHandle> {
  const { id } = await bench.client.libraries.create({ name: "texts" });
  return bench.handle(id);
}

describe("arrwdb ingest", () => {
  it("stores NDJSON, and names the lines that fail with their files", async () => {
    const library = await bench.library();
    const lines = [
      JSON.stringify(pointing("good")),
      "{not json",
      '["no object"]',
      "",
      '{"title": "no text"}',
      JSON.stringify(pointing("last")),
    ];
    await write("some.ndjson", `${lines.join("\n")}\n`);
    const { code, output, errors } = await run("ingest", library.id, "some.ndjson");
    expect(code).toBe(3);
    expect(output).toContain("Stored 2 documents with 2 chunks");
    for (const line of [2, 3, 5]) expect(errors).toContain(`some.ndjson:${line}: `);
    expect((await documentsOf(library)).map(({ title }) => title)).toEqual(["good", "last"]);
    const json = await run("ingest", library.id, "some.ndjson", "--json");
    expect(JSON.parse(json.output)).toMatchObject({ documents: 2, failed: 3, failures: { length: 3 } });
  });

  it("reads standard input", async () => {
    const library = await bench.library();
    const sent = await runCommand(["ingest", library.id, "-"], { url: bench.proxy.url, input: ndjson(3) });
    expect(sent).toMatchObject({ code: 0, errors: "" });
    expect(await documentsOf(library)).toHaveLength(3);
  });

  it("makes documents of pages, sections, rows and paragraphs, with where they came from", async () => {
    const library = await textLibrary();
    await mkdir(join(directory, "mixed/.hidden"), { recursive: true });
    await write(
      "mixed/page.md",
      "---\r\nlayout: x\r\n---\r\n# Guide\r\n\r\nFirst words.\r\n\r\nTea\r\n===\r\nHot water.\r\n",
    );
    await write("mixed/bare.md", "Only words, and no heading.\n");
    await write("mixed/note.txt", `${"long ".repeat(1_000)}\n`);
    await write(
      "mixed/rows.csv",
      'title,text,year,tags,code\nA,"one, two",1999,x;y,007\nB,,2000,,\nC,three,2001\nD,"four\nfive",2002,,\n',
    );
    await write("mixed/rows.tsv", "body\tauthor\nsix\tAda\n");
    await write("mixed/picture.png", "png");
    await write("mixed/.hidden/secret.md", "# Hidden\n\nwords");
    const { code, output, errors } = await run("ingest", library.id, "mixed");
    expect({ code, output }).toEqual({ code: 3, output: expect.stringContaining("1 file of unknown format skipped") });
    expect(errors).toMatch(/rows\.csv:3: has no text in the column "text"/);
    expect(errors).toMatch(/rows\.csv:4: has 3 columns, but the first row has 5/);
    const documents = await documentsOf(library);
    const told = documents.map(({ title, document_type, num_chunks, metadata }) => [
      title,
      document_type,
      num_chunks,
      metadata,
    ]);
    expect(told).toEqual([
      ["bare.md", "markdown", 1, { path: "mixed/bare.md" }],
      ["note.txt", "text", 3, { path: "mixed/note.txt" }],
      ["Guide", "markdown", 1, { path: "mixed/page.md" }],
      ["Guide – Tea", "markdown", 1, { path: "mixed/page.md" }],
      ["A", null, 1, { year: 1999, code: "007" }],
      ["D", null, 1, { year: 2002 }],
      ["six", null, 1, {}],
    ]);
    expect(documents.find(({ title }) => title === "A")?.tags).toEqual(["x", "y"]);
    expect(documents.find(({ title }) => title === "six")?.author).toBe("Ada");
  });

  it("takes a table of any form, and gives up no more than the row that is bad", async () => {
    const library = await textLibrary();
    const rows = [
      "title,text,n,infinite",
      'A,one "quoted" word,NaN,Infinity',
      'B,"two',
      "",
      'lines, and a ""quote""",1,-Infinity',
      'C,"three"x,1,2',
      "D,four,1,2",
      'E,"five is not closed,1,2',
      'F,"six, with a comma",1e3,0x10',
      'G,5" disk,1,2',
      "H,seven,1,2",
    ];
    await write("bad.csv", `${rows.join("\r\n")}\r\nJ,eight,1,2\nK,"nine\n`);
    const { code, errors } = await run("ingest", library.id, "bad.csv", "--format", "csv");
    expect(code).toBe(3);
    const failed = [...errors.matchAll(/bad\.csv:(\d+): /g)].map(([, line]) => Number(line));
    expect(failed).toEqual([2, 6, 8, 10, 13]);
    const documents = await documentsOf(library);
    expect(documents.map(({ title, metadata }) => [title, metadata])).toEqual([
      ["B", { n: 1, infinite: "-Infinity" }],
      ["D", { n: 1, infinite: 2 }],
      ["F", { n: "1e3", infinite: "0x10" }],
      ["H", { n: 1, infinite: 2 }],
      ["J", { n: 1, infinite: 2 }],
    ]);
    expect((await library.get(documents[0]?.id ?? "")).text).toBe('two\n\nlines, and a "quote"');
  });

  it("takes .tsv as it stands, names for columns, and numbers that are none as text", async () => {
    const library = await textLibrary();
    await write("quotes.tsv", 'text\tvalue\n"open\tNaN\na "b" c\tInfinity\n');
    await write("bare.csv", "Ada,first\nBen,second\n");
    expect(await run("ingest", library.id, "quotes.tsv")).toMatchObject({ code: 0 });
    expect(await run("ingest", library.id, "bare.csv", "--columns", "author, text")).toMatchObject({ code: 0 });
    const documents = await documentsOf(library);
    expect(documents.map(({ title, author, metadata }) => [title, author, metadata])).toEqual([
      ['"open', null, { value: "NaN" }],
      ['a "b" c', null, { value: "Infinity" }],
      ["first", "Ada", {}],
      ["second", "Ben", {}],
    ]);
    await write("semicolons.csv", "title;text\nA;b\n");
    const unlike = await run("ingest", library.id, "semicolons.csv");
    expect(unlike).toMatchObject({ code: 1, errors: expect.stringContaining("set the delimiter with --delimiter") });
    await write("tabs.csv", 'text\tauthor\n"a\tb"\tCid\n');
    expect(await run("ingest", library.id, "tabs.csv", "--delimiter", String.raw`\t`)).toMatchObject({ code: 0 });
    expect((await documentsOf(library)).at(-1)).toMatchObject({ title: "a\tb", author: "Cid" });
    for (const delimiter of ["", '"', "\n"]) {
      const refused = await run("ingest", library.id, "semicolons.csv", "--delimiter", delimiter);
      expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining("--delimiter") });
    }
    const wrong = await run("ingest", library.id, "bare.csv", "--columns", "author,author");
    expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('"author" occurs twice') });
    const short = await run("ingest", library.id, "bare.csv", "--columns", "text");
    expect(short).toMatchObject({
      code: 1,
      errors: expect.stringContaining("has 2 columns, but --columns names 1"),
    });
  });

  it("makes numbers of all cells that are, and loses no cell without a word", async () => {
    const library = await textLibrary();
    await write(
      "prices.csv",
      "title,text,price,version\nTea,hot,24.5,1.1\nPot,holds four,24.50,1.10\nCup,blue,9.00,2\n",
    );
    expect(await run("ingest", library.id, "prices.csv", "--as-text", "version")).toMatchObject({ code: 0 });
    const { results } = await library.search({ query: "tea", metadata_filter: { price: { $lte: 24.5 } } });
    expect(new Set(results.map(({ document }) => document.metadata["price"]))).toEqual(new Set([24.5, 9]));
    expect(results).toHaveLength(3);
    const versions = (await documentsOf(library)).map(({ metadata }) => metadata["version"]);
    expect(versions).toEqual(["1.1", "1.10", "2"]);
    await write("twice.csv", "text,price,price\nTea,1,2\n");
    await write("proto.csv", "text,__proto__\nTea,1\n");
    const { code, errors } = await run("ingest", library.id, "twice.csv", "proto.csv", "--format", "csv");
    expect(code).toBe(3);
    expect(errors).toContain('failed: twice.csv:1: has two columns "price"');
    const wrong = await run("ingest", library.id, "prices.csv", "--as-text", "versions");
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining('prices.csv:1: has no column "versions"') });
    const stored = await documentsOf(library);
    expect(stored.slice(3).map(({ metadata }) => Object.entries(metadata))).toEqual([[["__proto__", 1]]]);
  });

  it("takes columns under their names or others, whatever they are", async () => {
    const library = await textLibrary();
    await write("posts.csv", "title,body,created_at\nTea,hot,2026-11-27\nPot,holds four,2026-11-28\n");
    expect(await run("ingest", library.id, "posts.csv", "--text-column", "body")).toMatchObject({ code: 0 });
    const first = await documentsOf(library);
    expect(first.map(({ metadata }) => metadata)).toEqual([{ created_at: "2026-11-27" }, { created_at: "2026-11-28" }]);
    const renamed = ["--rename", "created_at=published", "--rename", "body=text"];
    expect(await run("ingest", library.id, "posts.csv", ...renamed)).toMatchObject({ code: 0 });
    const stored = (await documentsOf(library)).slice(2);
    expect(new Set(stored.map(({ metadata }) => metadata["published"]))).toEqual(new Set(["2026-11-27", "2026-11-28"]));
    const absent = await run("ingest", library.id, "posts.csv", "--rename", "created=published");
    expect(absent.errors).toContain('has no column "created" to rename; its columns are title, body, created_at');
    for (const wrong of ["created_at", "=x", "x=", "a=b=c"]) {
      expect(await run("ingest", library.id, "posts.csv", "--rename", wrong)).toMatchObject({ code: 2 });
    }
  });

  it("refuses what is no text, empty, nowhere or of no known kind, and stores the rest", async () => {
    const library = await bench.library();
    await mkdir(join(directory, "nothing"), { recursive: true });
    await write("binary.txt", Uint8Array.of(1, 0, 2));
    await write("latin.txt", Buffer.from("caf\u00e9 au lait", "latin1"));
    await write("packed.ndjson", Uint8Array.of(0x1f, 0x8b, 8));
    await write("packed.ndjson.zst", zstdCompressSync("text"));
    await write("windows.csv", Buffer.from("\ufefftitle\ttext\n", "utf16le"));
    await write("empty.ndjson", "");
    await write("what.bin", "text");
    await write("good.ndjson", ndjson(1));
    const bad = ["binary.txt", "latin.txt", "packed.ndjson", "packed.ndjson.zst", "windows.csv"];
    bad.push("empty.ndjson", "what.bin", "nothing");
    const { code, errors } = await run("ingest", library.id, ...bad, "good.ndjson");
    expect(code).toBe(3);
    for (const word of [
      "NUL bytes",
      "not valid UTF-8",
      "gunzip",
      "unzstd",
      "is UTF-16",
      "is empty",
      "--format",
      "no files of a known format",
    ]) {
      expect(errors).toContain(word);
    }
    expect(await documentsOf(library)).toHaveLength(1);
    expect((await run("ingest", library.id, ...bad)).code).toBe(1);
    const absent = await run("ingest", library.id, "good.ndjson", "absent.ndjson");
    expect(absent).toMatchObject({ code: 1, errors: expect.stringContaining("absent.ndjson does not exist") });
    await write("columns.csv", "a,b\n1,2\n");
    const columns = await run("ingest", library.id, "columns.csv");
    expect(columns).toMatchObject({ code: 1, errors: expect.stringContaining("its columns are a, b") });
    expect(await documentsOf(library)).toHaveLength(1);
  });

  it("goes on across a restart of the server, and stores each document once", async () => {
    const library = await bench.library();
    await write("many.ndjson", ndjson(20_000));
    await using command = new Program(commandFile, directory, [
      "ingest",
      library.id,
      "many.ndjson",
      "--url",
      bench.proxy.url,
    ]);
    await eventually(async () => (await library.info()).num_documents > 0);
    await bench.restart();
    expect(await command.finish()).toBe(0);
    expect(command.lines).toEqual([expect.stringContaining("Stored 20000 documents with 20000 chunks")]);
    expect((await bench.client.libraries.get(library.id)).num_documents).toBe(20_000);
  });

  it("says how to go on when it is ended by Ctrl-C, and then stores nothing twice", async () => {
    const library = await bench.library();
    await write("more.ndjson", ndjson(20_000));
    const args = ["ingest", library.id, "more.ndjson", "--url", bench.proxy.url];
    await using command = new Program(commandFile, directory, args);
    await eventually(async () => (await library.info()).num_documents > 0);
    bench.proxy.silence(true);
    expect(await command.interrupt()).toBe(130);
    bench.proxy.heal();
    const name = /--resume (\S+)/.exec(command.lines.join("\n"))?.[1] ?? "";
    const again = await run("ingest", library.id, "more.ndjson", "--resume", name, "--json");
    expect(again.code).toBe(0);
    const report: { documents: number; replayed: number } = JSON.parse(again.output);
    expect(report.documents).toBe(20_000);
    expect(report.replayed).toBeGreaterThan(0);
    expect((await bench.client.libraries.get(library.id)).num_documents).toBe(20_000);
  });

  it("moves a bar on a terminal, and gives the cursor back", async () => {
    const library = await bench.library();
    await write("bar.ndjson", ndjson(2_000));
    const { code, output } = await runInTerminal(["ingest", library.id, "bar.ndjson"], {
      url: bench.proxy.url,
      directory,
    });
    expect(code).toBe(0);
    expect(output).toMatch(/█.*\d+%.*documents/);
    expect(output.lastIndexOf("\u001b[?25h")).toBeGreaterThan(output.lastIndexOf("\u001b[?25l"));
  });
});

describe("arrwdb search", () => {
  it("shows hits with what they say of the search, highlighted on a terminal", async () => {
    const library = await textLibrary();
    const filler = "Nothing of interest stands here. ".repeat(30);
    await library.add({
      title: "Accounts",
      text: `${filler}Forgot your password? Choose another one.${filler}`,
      views: 9,
    });
    await library.add({ title: "Parcels", text: "Where your parcel is.", views: 1 });
    const args = ["search", library.id, "I forgot my password"];
    const options = { url: bench.proxy.url };
    const [plain, terminal] = await Promise.all([runCommand(args, options), runInTerminal(args, options)]);
    expect(plain.output).toMatch(/^ {2}\d {2}\d\.\d{3} {2}Accounts .*\n {5}….*Forgot your password\? Choose.*…$/m);
    expect(terminal.output).toContain("\u001b[1m\u001b[33mpassword");
    const words = await runCommand(["search", library.id, "parcel", "--mode", "text", "--json"], options);
    expect(JSON.parse(words.output)).toMatchObject({
      total: 1,
      results: [{ distance: null, document: { title: "Parcels" } }],
    });
    expect((await runCommand([...args, "-k", "1"], options)).errors).toMatch(/^1 hit in /);
    const filtered = await runCommand([...args, "--filter", '{"views": {"$lt": 5}}', "-k", "1", "--json"], options);
    expect(JSON.parse(filtered.output)).toMatchObject({ total: 1, results: [{ document: { title: "Parcels" } }] });
  });

  it("sends no commands of a document to the terminal", async () => {
    const library = await textLibrary();
    await library.add({ id: "c\u001b[31mred", title: "a\u001b[31mred", text: "b\u001b]0;title\u0007 c" });
    const { output } = await runCommand(["search", library.id, "b"], { url: bench.proxy.url });
    expect(output).toContain("a[31mred");
    for (const control of ["\u001b", "\u0007"]) expect(output).not.toContain(control);
  });
});

describe("arrwdb watch", () => {
  it("tells which hits enter and leave, until Ctrl-C", async () => {
    const library = await textLibrary();
    await library.add({ title: "Cards", text: "You can pay by card." });
    const args = ["watch", library.id, "how can I pay?", "--threshold", "0.7", "--url", bench.proxy.url];
    await using command = new Program(commandFile, directory, args);
    await command.line("1 hit");
    await command.line("Cards");
    const { document } = await library.add({ title: "Transfers", text: "You can pay by bank transfer." });
    await command.line("1 entered, 0 left, now 2 hits");
    await command.line("Transfers");
    await library.delete(document.id);
    await command.line("0 entered, 1 left, now 1 hit");
    expect(await command.line("-")).toContain("Transfers");
    expect(await command.interrupt()).toBe(130);
  });
});

describe("arrwdb tail", () => {
  it("tells events from a position, and goes on with those to come, across a restart", async () => {
    const library = await bench.library();
    await library.add(pointing("first"));
    await library.add(pointing("second"));
    const args = ["tail", library.id, "--from", "2", "--url", bench.proxy.url];
    await using command = new Program(commandFile, directory, args);
    await command.line("second");
    await bench.restart();
    await library.add(pointing("third"));
    expect(await command.line("document.added")).toContain("third");
    expect(await command.interrupt()).toBe(130);
    expect(command.lines.filter((line) => line.includes("first"))).toEqual([]);
  });

  it("ends with the last event where it is not to follow, and takes types", async () => {
    const library = await bench.library();
    const { document } = await library.add(pointing("one"));
    await library.delete(document.id);
    const { code, output } = await run(
      "tail",
      library.id,
      "--no-follow",
      "--json",
      "--events",
      "library.created,document.deleted",
    );
    const types = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect({ code, types }).toEqual({ code: 0, types: ["library.created", "document.deleted"] });
  });

  it("says where to begin where the events are no longer kept", async () => {
    const library = await bench.library({ max_count: 1 });
    for (let count = 0; count < 3; count++) await library.add(pointing("x"));
    const expired = async () => (await run("tail", library.id, "--from", "0")).errors;
    await eventually(async () => expect(await expired()).toMatch(/Start with --from \d+/));
  });
});
