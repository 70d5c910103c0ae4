import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { canonicalDocumentId } from "@arrwdb/protocol/documents/document-id";
import { ArrwClient, type ExportLine, type LibraryHandle } from "arrwdb-client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentIds } from "../support/data/document-ids.ts";
import { pointing } from "../support/peers/test-client.ts";
import { runCommand, runInShell } from "../support/server/command.ts";
import {
  createVectorLibrary,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";

let first: TestServer;
let second: TestServer;
let directory: string;
let client: ArrwClient;
let other: ArrwClient;

beforeAll(async () => {
  [first, second, directory] = await Promise.all([startServer(), startServer(), temporaryDirectory()]);
  client = new ArrwClient({ url: first.url });
  other = new ArrwClient({ url: second.url });
});
afterAll(async () => {
  for (const each of [client, other]) each.close();
  await Promise.all([first.stop(), second.stop(), rm(directory, { recursive: true, force: true })]);
});

const onFirst = (...args: readonly string[]) => runCommand(args, { url: first.url, directory });
const onSecond = (...args: readonly string[]) => runCommand(args, { url: second.url, directory });

async function filled(documents: Parameters<LibraryHandle["ingest"]>[0]): Promise<LibraryHandle> {
  const { id } = await createVectorLibrary(first.url, 2);
  const library = client.library(id);
  for await (const result of library.ingest(documents, { inFlight: 1 }))
    expect(result).toMatchObject({ success: true });
  return library;
}

/** An export without what another library cannot have: its id, the ids of chunks, times and positions. */
function comparable(lines: readonly ExportLine[]): unknown {
  return lines.map((line) => {
    if ("library" in line) return { ...line.library, id: "", created_at: "", seq: 0 };
    if ("summary" in line) return { ...line.summary, seq: 0 };
    const { document } = line;
    const chunks = document.chunks.map((chunk) => ({ ...chunk, id: "" }));
    return { ...document, created_at: "", updated_at: "", seq: 0, chunks };
  });
}

async function exportOf(library: LibraryHandle): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  for await (const line of library.export()) lines.push(line);
  return lines;
}

const text = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).filter((value) => !value.includes("\u0000"));
const key = fc.stringMatching(/^[a-zé][a-z.\- ]{0,12}$/).filter((name) => !["constructor", "prototype"].includes(name));
const scalar = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null));
const metadata = fc.dictionary(
  key,
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(key, scalar, { maxKeys: 2 })),
  { maxKeys: 4 },
);
const component = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
const embedding = fc.tuple(component, component).filter(([x, y]) => Math.hypot(x, y) > 1e-3);
const optional = fc.option(text);
const document = fc.record({
  id: documentIds,
  title: text,
  author: optional,
  document_type: optional,
  source_url: optional,
  tags: fc.array(text, { maxLength: 3 }),
  metadata,
  chunks: fc.array(fc.record({ text, embedding, page_number: fc.option(fc.integer()), metadata }), {
    minLength: 1,
    maxLength: 4,
  }),
});
const documents = fc.uniqueArray(document, { maxLength: 12, selector: ({ id }) => canonicalDocumentId(id) });

describe("arrwdb export and import", () => {
  it("give another server a library that is the same, to the last bit of its vectors", async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (given) => {
        const library = await filled(given);
        await onFirst("export", library.id, "-o", "library.ndjson");
        const { code, output } = await onSecond("import", "library.ndjson");
        expect(code).toBe(0);
        const copy = other.library(output.trim());
        expect(comparable(await exportOf(copy))).toEqual(comparable(await exportOf(library)));
        // Ids are kept, so once more changes nothing.
        expect((await onSecond("import", "library.ndjson", "--into", copy.id)).code).toBe(0);
        expect(comparable(await exportOf(copy))).toEqual(comparable(await exportOf(library)));
      }),
      // A failing run is told of at once, as each one takes seconds.
      { numRuns: 5, endOnFailure: true },
    );
  }, 180_000);

  it("work through a pipe, and from one server to the other", async () => {
    const library = await filled([pointing("east"), pointing("north", 90)]);
    const script = `set -o pipefail; arrwdb export ${library.id} | arrwdb import - --name Piped --url ${second.url} --json`;
    const { code, output } = await runInShell(script, { url: first.url });
    const report: { library: string } = JSON.parse(output);
    expect({ code, report }).toMatchObject({ code: 0, report: { documents: 2, failed: 0 } });
    expect(await other.library(report.library).info()).toMatchObject({ name: "Piped", num_documents: 2 });
  });

  it("of a text library keeps what is found by text", async () => {
    const { id } = await client.libraries.create({ name: "Words" });
    await client.library(id).add({ title: "Tea", texts: ["Leaves in hot water."] });
    await onFirst("export", "Words", "-o", "words.ndjson");
    expect((await onSecond("import", "words.ndjson")).code).toBe(0);
    const found = await onSecond("search", "Words", "a hot drink", "--json");
    expect(JSON.parse(found.output)).toMatchObject({ results: [{ document: { title: "Tea" } }] });
  });
});

describe("arrwdb import", () => {
  const refused = async (file: string, message: string | RegExp, ...options: readonly string[]) => {
    const { code, output, errors } = await onSecond("import", file, ...options);
    expect({ code, output, errors }).toEqual({ code: 1, output: "", errors: expect.stringMatching(message) });
  };
  const countOf = async () => {
    let count = 0;
    for await (const _ of other.libraries.list()) count += 1;
    return count;
  };

  it("writes nothing of an export that is cut off, changed, aborted or something else", async () => {
    const library = await filled(Array.from({ length: 5 }, (_, index) => pointing(`n${index}`, index)));
    await onFirst("export", library.id, "-o", "whole.ndjson");
    const whole = await readFile(join(directory, "whole.ndjson"), "utf8");
    const lines = whole.trimEnd().split("\n");
    const before = await countOf();
    const cases: readonly (readonly [string | Uint8Array, string | RegExp])[] = [
      ["", "is empty"],
      [zstdCompressSync(whole), "bad.ndjson: is compressed; decompress it first, for example with unzstd"],
      [lines.slice(0, 4).join("\n"), "is truncated after 3 of 5 documents"],
      [whole.slice(0, 1_500), /:\d: is not valid JSON/],
      [[lines[0], ...lines.slice(2)].join("\n"), "contains 4 documents"],
      [lines.slice(1).join("\n"), "is not an arrwDB export"],
      [JSON.stringify(pointing("plain")), "is not a line of an export"],
      [[lines[0], lines[0]].join("\n"), "second library"],
      [
        [
          lines[0],
          '{"summary":{"documents":0,"chunks":0,"seq":1,"aborted":{"error":"I/O error","error_code":"storage_failed"}}}',
        ].join("\n"),
        "I/O error",
      ],
      [whole.replace(/"embedding":"[^"]+"/, '"embedding":"AAAA"'), "is not base64"],
      [
        whole.replace(/"embedding":"[^"]+"/, '"embedding":"AACAPw=="'),
        "has dimension 1, but the library's dimension is 2",
      ],
    ];
    for (const [content, message] of cases) {
      await writeFile(join(directory, "bad.ndjson"), content);
      await refused("bad.ndjson", message);
    }
    expect(await countOf()).toBe(before);
  });

  it("refuses a library of another dimension or model before anything is written", async () => {
    const library = await filled([pointing("x")]);
    await onFirst("export", library.id, "-o", "two.ndjson");
    const four = await createVectorLibrary(second.url, 4);
    await refused("two.ndjson", /dimension_mismatch.*2-dimensional.* is 4/, "--into", four.id);
    const { id } = await client.libraries.create({ name: "with a model" });
    await onFirst("export", id, "-o", "words.ndjson");
    const vectors = await createVectorLibrary(second.url, 512);
    await refused("two.ndjson", "dimension_mismatch", "--into", vectors.id);
    const texts = await other.libraries.create({ name: "words" });
    const whole = await readFile(join(directory, "words.ndjson"), "utf8");
    await writeFile(
      join(directory, "words.ndjson"),
      whole.replace('"embedding_model":"builtin"', '"embedding_model":"cohere:x"'),
    );
    await refused("words.ndjson", "vectors from different models cannot be compared", "--into", texts.id);
    expect((await other.libraries.get(texts.id)).seq).toBe(1);
    expect((await other.libraries.get(four.id)).seq).toBe(1);
  });
});

describe("arrwdb export", () => {
  it("leaves the file that was there where it fails, and nothing half done", async () => {
    const library = await filled([pointing("x")]);
    await writeFile(join(directory, "kept.ndjson"), "before");
    const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    expect((await onFirst("export", absent, "-o", "kept.ndjson")).code).toBe(1);
    expect(await readFile(join(directory, "kept.ndjson"), "utf8")).toBe("before");
    const json = await onFirst("export", library.id, "-o", "kept.ndjson", "--json");
    expect(JSON.parse(json.output)).toMatchObject({
      documents: 1,
      chunks: 1,
      seq: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await readdir(directory)).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});
