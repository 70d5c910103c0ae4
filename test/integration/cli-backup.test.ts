import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pointing } from "../support/peers/test-client.ts";
import { commandFile, runCommand, runInTerminal } from "../support/server/command.ts";
import { Program } from "../support/server/program.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;
/** Where backups and restored data go. */
let directory: string;

beforeAll(async () => {
  [server, directory] = await Promise.all([startServer(), temporaryDirectory()]);
  client = new ArrwClient({ url: server.url });
  const { id } = await client.libraries.create({ name: "kept", embedding_model: "none", dimension: 2 });
  library = client.library(id);
  await fill(2_000);
});
afterAll(async () => {
  client.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => runCommand(args, { directory });
const backUp = (to: string) => run("backup", to, "--data-dir", server.directory);
const at = (...names: readonly string[]) => join(directory, ...names);

async function fill(count: number): Promise<void> {
  const documents = Array.from({ length: count }, (_, index) =>
    pointing(`document ${index} ${"long ".repeat(200)}`, index),
  );
  for await (const result of library.ingest(documents)) expect(result.success).toBe(true);
}

/** What a restored directory serves. */
async function served(data: string) {
  const restored = await startServer({ ARRWDB_DATA_DIR: data });
  const reader = new ArrwClient({ url: restored.url });
  const info = await reader.libraries.get(library.id);
  const { results } = await reader.library(library.id).search({ embedding: [1, 0], k: 1 });
  const { events } = await reader.library(library.id).eventPage({ from_seq: 0, limit: 1 });
  reader.close();
  await restored.stop();
  return { info, found: results.length, firstEvent: events[0]?.type };
}

describe("A backup", () => {
  it("is of one moment while the server writes, and comes back as what it was", async () => {
    const writing = new AbortController();
    const written = (async () => {
      while (!writing.signal.aborted) await library.add(pointing("meanwhile"));
    })();
    const made = await run("backup", "busy", "--data-dir", server.directory, "--json");
    writing.abort();
    await written;
    expect(made.code).toBe(0);
    const { contents }: { contents: { libraries: { seq: number; documents: number; events: number }[] } } = JSON.parse(
      made.output,
    );
    const [counted] = contents.libraries;
    expect(counted).toBeDefined();
    // Each document is one change, after that of the library's birth.
    expect(counted).toMatchObject({ seq: (counted?.documents ?? 0) + 1, events: counted?.seq });
    expect((await run("backup", "--verify", "busy")).output).toContain("verified");
    expect((await run("restore", "busy", "--data-dir", "restored")).code).toBe(0);
    expect(await served(at("restored"))).toMatchObject({
      info: { seq: counted?.seq, num_documents: counted?.documents },
      found: 1,
      firstEvent: "library.created",
    });
  });

  it("replaces nothing, and has to be asked to put data aside", async () => {
    await backUp("one");
    expect(await backUp("one")).toMatchObject({ code: 1, errors: expect.stringContaining("already exists") });
    await run("restore", "one", "--data-dir", "twice");
    await writeFile(at("twice", "mark"), "x");
    const refused = await run("restore", "one", "--data-dir", "twice");
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("--replace") });
    const replaced = await run("restore", "one", "--data-dir", "twice", "--replace", "--json");
    const told: { replaced: string } = JSON.parse(replaced.output);
    const old = new DatabaseSync(join(directory, told.replaced, "arrwdb.sqlite"), { readOnly: true });
    expect(old.prepare("SELECT count(*) AS count FROM libraries").get()).toEqual({ count: 1 });
    old.close();
    expect(await served(at("twice"))).toMatchObject({ found: 1 });
  });

  it("that was changed, cut, half made or made by a newer version is refused before anything is touched", async () => {
    await backUp("good");
    await run("restore", "good", "--data-dir", "safe");
    const before = await readFile(at("safe", "arrwdb.sqlite"));
    const manifest: { schema: number } = JSON.parse(await readFile(at("good", "manifest.json"), "utf8"));
    const damages: readonly (readonly [string, (backup: string) => Promise<unknown>, string])[] = [
      [
        "changed",
        async (path) => writeFile(join(path, "arrwdb.sqlite"), Buffer.from("x"), { flag: "a" }),
        "SHA-256 differs",
      ],
      ["cut", (path) => truncate(join(path, "arrwdb.sqlite"), 40_000), "cannot be used|malformed|I/O error"],
      ["half", (path) => rm(join(path, "manifest.json")), "interrupted"],
      ["lost", (path) => rm(join(path, "arrwdb.sqlite")), "is missing"],
      ["garbled", (path) => writeFile(join(path, "manifest.json"), "{}"), "is not valid"],
      [
        "newer",
        (path) => writeFile(join(path, "manifest.json"), JSON.stringify({ ...manifest, schema: 99 })),
        "newer arrwDB",
      ],
      [
        "other",
        (path) =>
          writeFile(
            join(path, "manifest.json"),
            JSON.stringify({ ...manifest, contents: { libraries: [], vectors: 0 } }),
          ),
        "contents differ from its manifest",
      ],
    ];
    for (const [name, damage, message] of damages) {
      await cp(at("good"), at(name), { recursive: true });
      await damage(at(name));
      const { code, errors } = await run("restore", name, "--data-dir", "safe", "--replace");
      expect({ name, code, errors }).toEqual({ name, code: 1, errors: expect.stringMatching(message) });
      expect((await run("backup", "--verify", name)).code).toBe(1);
    }
    expect((await run("restore", "lost", "--data-dir", "made/for/nothing")).code).toBe(1);
    expect(await readdir(directory)).not.toContain("made");
    expect((await readFile(at("safe", "arrwdb.sqlite"))).equals(before)).toBe(true);
    expect((await readdir(at("safe"))).toSorted()).toEqual(["arrwdb.lock", "arrwdb.sqlite"]);
  });

  it("is not put under a server that runs", async () => {
    await backUp("running");
    const { code, errors } = await run("restore", "running", "--data-dir", server.directory, "--replace");
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("in use") });
    expect((await library.info()).num_documents).toBeGreaterThan(0);
  });

  it("that is ended by Ctrl-C leaves nothing of its name, and killed nothing that is taken for one", async () => {
    await using interrupted = new Program(commandFile, directory, ["backup", "ended", "--data-dir", server.directory]);
    const isBegun = async (name: string) => (await readdir(directory)).some((entry) => entry.startsWith(`${name}.`));
    await eventually(() => isBegun("ended"));
    expect(await interrupted.interrupt()).toBe(130);
    expect((await readdir(directory)).filter((name) => name.startsWith("ended"))).toEqual([]);
    {
      await using _ = new Program(commandFile, directory, ["backup", "killed", "--data-dir", server.directory]);
      await eventually(() => isBegun("killed"));
    }
    const left = (await readdir(directory)).filter((name) => name.startsWith("killed"));
    expect(left).toEqual([expect.stringMatching(/^killed\..*\.partial$/)]);
    expect((await run("restore", left[0] ?? "", "--data-dir", "never")).code).toBe(1);
  });

  it("of no data says so", async () => {
    const { code, errors } = await run("backup", "none", "--data-dir", "nowhere");
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("contains no arrwDB data") });
  });

  it("shows on a terminal how far it is", async () => {
    const { code, output } = await runInTerminal(["backup", "shown", "--data-dir", server.directory], { directory });
    expect(code).toBe(0);
    expect(output).toMatch(/\d+%.*hashing/);
  });
});

describe("arrwdb doctor", () => {
  it("finds a healthy directory so, with its server running", async () => {
    const { code, output } = await run("doctor", "--data-dir", server.directory, "--json");
    const report: { healthy: boolean; findings: { check: string; state: string; message: string }[] } =
      JSON.parse(output);
    expect({ code, healthy: report.healthy }).toEqual({ code: 0, healthy: true });
    expect(report.findings.map(({ check }) => check)).toEqual(["settings", "directory", "disk", "use", "data"]);
    expect(report.findings[3]?.message).toContain("a server is using");
    expect((await run("doctor", "--data-dir", server.directory, "--rebuild")).code).toBe(1);
  });

  it("names what does not agree, and what is damaged", async () => {
    await backUp("sick");
    await run("restore", "sick", "--data-dir", "ill");
    const database = new DatabaseSync(at("ill", "arrwdb.sqlite"));
    database.exec(
      "UPDATE libraries SET num_chunks = 7; DELETE FROM vectors WHERE chunk = 3; DELETE FROM events WHERE seq = 5;",
    );
    database.close();
    const { code, output } = await run("doctor", "--data-dir", "ill");
    expect(code).toBe(1);
    for (const message of [/counts 7 chunks, but has \d+/, /chunks without a vector: 1/, /a gap in its events/])
      expect(output).toMatch(message);
    const bytes = await readFile(at("ill", "arrwdb.sqlite"));
    bytes.fill(0x55, 200_000, 400_000);
    await writeFile(at("ill", "arrwdb.sqlite"), bytes);
    expect(await run("doctor", "--data-dir", "ill")).toMatchObject({
      code: 1,
      output: expect.stringContaining("FAULT    data"),
    });
    expect((await run("doctor", "--data-dir", "ill", "--rebuild")).output).toContain("Nothing was rebuilt");
  });

  it("names settings that cannot be, and a directory that is not there", async () => {
    const environment = { PORT: "many" };
    const { code, output } = await runCommand(["doctor", "--data-dir", "absent"], { directory, environment });
    expect(code).toBe(1);
    expect(output).toMatch(/FAULT +settings +PORT \("many"\) must be a whole number/);
    expect(output).toMatch(/FAULT +directory +absent does not exist/);
  });

  it("has indexes made again", async () => {
    await backUp("whole");
    await run("restore", "whole", "--data-dir", "again");
    await mkdir(at("again", "indexes"));
    await writeFile(at("again", "indexes", "junk"), "x");
    expect((await run("doctor", "--data-dir", "again", "--rebuild")).code).toBe(0);
    expect(await readdir(at("again"))).not.toContain("indexes");
    const cleared = new DatabaseSync(at("again", "arrwdb.sqlite"));
    expect(cleared.prepare("SELECT count(*) AS count FROM text_lengths").get()).toEqual({ count: 0 });
    cleared.close();
    expect(await served(at("again"))).toMatchObject({ found: 1 });
    const rebuilt = new DatabaseSync(at("again", "arrwdb.sqlite"));
    const chunks = rebuilt
      .prepare("SELECT (SELECT count(*) FROM chunks) = (SELECT count(*) FROM text_lengths) AS same")
      .get();
    rebuilt.close();
    expect(chunks).toEqual({ same: 1 });
  });
});
