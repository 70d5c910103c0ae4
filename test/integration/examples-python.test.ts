import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { pythonMissing } from "../support/pages/pages.ts";
import { Program } from "../support/server/program.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";

const missing = await pythonMissing();

describeUnless(missing, "The examples in Python", () => {
  let server: TestServer;
  let client: ArrwClient;
  let directory: string;
  let stack: AsyncDisposableStack;
  let library: LibraryHandle;

  beforeAll(async () => {
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    directory = await temporaryDirectory();
  });
  afterAll(async () => {
    client.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    library = client.library((await client.libraries.create({ name: "example" })).id);
  });
  afterEach(() => stack.disposeAsync());

  const start = (file: string, ...options: readonly string[]) =>
    stack.use(new Program(`python/${file}`, directory, ["--url", server.url, ...options]));

  it("store documents and search them", async () => {
    const program = start("quick_start.py");
    expect(await program.finish()).toBe(0);
    expect(program.lines).toEqual([
      "stored Kettle at position 2",
      "stored Loom at position 3",
      "stored Anchor at position 4",
      expect.stringContaining("1. Kettle: A copper kettle"),
      expect.stringContaining("2. Anchor: "),
    ]);
  });

  it("stream a file in, with a receipt for each line, and name those that failed", async () => {
    const lines = Array.from({ length: 450 }, (_, index) =>
      JSON.stringify(
        index === 299 ? { title: "no text" } : { title: `Note ${index + 1}`, text: `Note number ${index + 1}.` },
      ),
    );
    const file = join(directory, "documents.ndjson");
    await writeFile(file, lines.join("\n"));
    const program = start("stream_documents.py", file);
    expect(await program.finish()).toBe(1);
    expect(program.lines[0]).toMatch(/^library [0-9a-f-]{36}$/);
    expect(program.lines[1]).toMatch(/^line 1: stored as [0-9a-f-]{36} at position 2$/);
    expect(program.lines).toContain(
      "line 300: validation_failed: texts: is required (or text, or chunks): the document has nothing to search",
    );
    expect(program.lines.at(-1)).toBe("449 stored, 1 failed");
  });

  it("give receipts while the input goes on, and send a batch again after the server was gone", async () => {
    const own = await startServer();
    const { port } = new URL(own.url);
    const first = new ArrwClient({ url: own.url });
    const { id } = await first.libraries.create({ name: "own" });
    const options = ["--url", own.url, "--library", id, "--batch", "1"];
    const program = stack.use(new Program("python/stream_documents.py", directory, ["-", ...options]));
    program.type(JSON.stringify({ title: "One", text: "The first." }));
    await program.line("line 1: stored");
    await own.server.drain(5_000);
    await own.server.stop();
    program.type(JSON.stringify({ title: "Two", text: "The second." }));
    await program.line("cut off, trying again");
    const again = await startServer({ PORT: port, ARRWDB_DATA_DIR: own.directory });
    await program.line("line 2: stored");
    expect(await program.finish()).toBe(0);
    expect((await first.library(id).info()).num_documents).toBe(2);
    first.close();
    await again.stop();
    await rm(own.directory, { recursive: true, force: true });
  });

  it("tell what enters and leaves the results of a search", async () => {
    await library.add({ title: "Recipe", text: "Apples and cinnamon in a crust." });
    const program = start("live_query.py", "--library", library.id, "--threshold", "0.7", "dangerous weather at sea");
    await program.line("0 results at position 2");
    const { document } = await library.add({ title: "Gale", text: "A storm with dangerous waves at sea." });
    expect(await program.line("+ Gale")).toContain("A storm with dangerous waves");
    await library.delete(document.id);
    expect(await program.line("- document")).toContain(document.id);
    await client.libraries.delete(library.id);
    await program.line("library");
    expect(await program.finish()).toBe(1);
  });

  it("tell each change once, and go on from there after a stop", async () => {
    const file = join(directory, "position.json");
    await library.add({ title: "Soup", text: "Leek and potato." });
    const first = start("follow_events.py", "--library", library.id, "--file", file);
    await first.line("listening after position 0");
    await first.line("1 library.created example");
    await first.line("2 document.added Soup");
    await first.interrupt();
    await library.add({ title: "Bread", text: "Flour and water." });
    const second = start("follow_events.py", "--library", library.id, "--file", file);
    await second.line("listening after position 2");
    await second.line("3 document.added Bread");
    await library.add({ title: "Tea", text: "Leaves and water." });
    await second.line("4 document.added Tea");
    expect(second.lines.filter((line) => line.includes("Soup"))).toEqual([]);
    await second.interrupt();
  });

  it("say what is wrong", async () => {
    const unknown = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    const program = start("follow_events.py", "--library", unknown);
    await program.line("closed with 4404");
    expect(await program.finish()).toBe(1);
    const upload = start("stream_documents.py", "-", "--library", unknown);
    upload.type('{"title": "x", "text": "y"}');
    expect(await upload.finish()).toBe(1);
    expect(upload.lines).toEqual([expect.stringContaining("library_not_found")]);
  });
});
