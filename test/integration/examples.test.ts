import { readdir, readFile, rm } from "node:fs/promises";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Program } from "../support/server/program.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let directory: string;
let stack: AsyncDisposableStack;

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
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

const start = (file: string, ...options: readonly string[]) =>
  stack.use(new Program(file, directory, ["--url", server.url, ...options]));
const idOf = (line: string) => /[0-9a-f-]{36}/.exec(line)?.[0] ?? "";
const newLibrary = async (): Promise<LibraryHandle> =>
  client.library((await client.libraries.create({ name: "example" })).id);

describe("Searching as one types", () => {
  it("shows the answer to what was typed last, and ends with its input", async () => {
    const program = start("search-as-you-type.ts");
    await program.line("library ");
    for (const text of ["s", "so", "some", "something sweet with apples"]) program.type(text);
    await program.line("> something sweet with apples");
    expect(await program.line("  0.")).toContain("Apple pie");
    program.type("a warm drink");
    await program.line("> a warm drink");
    expect(await program.line("  0.")).toContain("Hot chocolate");
    expect(await program.finish()).toBe(0);
  });

  it("ends with Ctrl-C", async () => {
    const program = start("search-as-you-type.ts", "--library", (await newLibrary()).id);
    program.type("anything");
    await program.line("> anything");
    expect(await program.interrupt()).toBe(0);
  });

  it("tells what is wrong", async () => {
    const program = start("search-as-you-type.ts", "--library", "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    program.type("anything");
    await program.line("There is no library");
    expect(await program.finish()).toBe(1);
  });
});

describe("The monitor", () => {
  it("goes on where it stopped, also after it was killed", async () => {
    const first = start("document-monitor.ts");
    const library = client.library(idOf(await first.line("from 0")));
    await first.line("library.created  Office");
    await first.line("document.added  Opening hours");
    await first.line("document.added  Holidays");
    expect(await first.interrupt()).toBe(0);
    await first.line("stopped at 3");

    await library.add({ title: "While nobody looked", text: "Something happened." });
    const second = start("document-monitor.ts");
    await second.line(`library ${library.id} from 3`);
    await second.line("document.added  While nobody looked");
    const { document } = await library.add({ title: "Live", text: "Something happens." });
    await second.line("5  ");
    await second[Symbol.asyncDispose]();

    await library.delete(document.id);
    const third = start("document-monitor.ts", "--library", library.id);
    await third.line("document.deleted  Live");
    expect(third.lines.filter((line) => line.includes("document.added")).length).toBeLessThan(2);
    expect(await third.interrupt()).toBe(0);
    await third.line("stopped at 6");
  });

  it("says which events have expired, and prints the others", async () => {
    const { id } = await client.libraries.create({ name: "short", events: { max_count: 2 } });
    const library = client.library(id);
    for (const title of ["one", "two", "three", "four"]) await library.add({ title, text: title });
    for (let earliest = 0; earliest < 3;) {
      const info = await library.info();
      const page = await library.eventPage({ from_seq: info.seq });
      earliest = page.earliest_seq;
    }
    const program = start("document-monitor.ts", "--library", id, "--file", "short.json");
    await program.line("events 1 to 3 have expired");
    await program.line("document.added  three");
    await program.line("document.added  four");
    expect(await program.interrupt()).toBe(0);
    expect(JSON.parse(await readFile(`${directory}/short.json`, "utf8"))).toEqual({ library: id, position: 5 });
  });
});

describe("The room", () => {
  it("shows everybody what is searched, and who comes and goes", async () => {
    const ada = start("collaborative-search.ts", "--name", "Ada");
    const id = idOf(await ada.line("library "));
    await ada.line("here are Ada");
    ada.type("near the water");
    await ada.line("Ada searched: near the water");
    await ada.line("1. Cabin by the lake");

    const ben = start("collaborative-search.ts", "--name", "Ben", "--library", id);
    await ben.line("here are Ada, Ben");
    await ben.line("last search: near the water");
    await ada.line("Ben is here");
    ben.type("ships");
    await ada.line("Ben searched: ships");
    await ada.line("1. Loft in the harbour");
    await ben.line("Ben searched: ships");

    expect(await ada.interrupt()).toBe(0);
    await ben.line("Ada has left");
    expect(await ben.finish()).toBe(0);
  });
});

describe("The alert", () => {
  it("tells of what matters when it is written, by whomever", async () => {
    const program = start("alert-on-relevant-documents.ts");
    const library = client.library(idOf(await program.line("library ")));
    await program.line("known 0.");
    await program.line("watching for: dangerous weather at sea");
    program.type("A choir sings in the church.");
    await program.line("stored at ");
    program.type("A storm with dangerous waves at sea.");
    expect(await program.line("ALERT")).toContain("dangerous waves");
    await library.add({ title: "From elsewhere", text: "Dangerous weather at sea tonight." });
    expect(await program.line("ALERT")).toContain("From elsewhere");
    expect(program.lines.filter((line) => line.includes("choir"))).toEqual([]);
    expect(await program.interrupt()).toBe(0);
  });
});

describe("The list of examples", () => {
  it("names each, and each tells how it is run", async () => {
    const examples = new URL("../../examples/", import.meta.url);
    const page = await readFile(new URL("README.md", examples), "utf8");
    const files = (await readdir(examples)).filter((name) => name.endsWith(".ts"));
    expect(files.filter((name) => !page.includes(`(${name})`))).toEqual([]);
    for (const name of files) {
      const text = await readFile(new URL(name, examples), "utf8");
      expect(text).toContain(`npx node examples/${name}`);
      expect(text.split("\n").length).toBeLessThan(122);
    }
  });
});
