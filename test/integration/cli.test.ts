import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { library } from "@arrwdb/protocol/documents/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../../server/src/cli/terminal/exit-codes.ts";
import { runCommand, runInShell, runInTerminal } from "../support/server/command.ts";
import { createVectorLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let url: string;

beforeAll(async () => {
  server = await startServer();
  url = server.url;
});
afterAll(() => server.stop());

const root = fileURLToPath(new URL("../../", import.meta.url));
// Nothing of this range is ever served, so that connecting fails at once.
const nowhere = "http://127.0.0.1:9";
const escape = "\u001b[";

describe("The help", () => {
  it("tells every command, exit code and variable", async () => {
    const { code, output } = await runCommand(["--help"]);
    expect(code).toBe(0);
    for (const word of [
      "serve",
      "ingest",
      "search",
      "watch",
      "tail",
      "libraries",
      "export",
      "import",
      "backup",
      "restore",
      "doctor",
      "130",
      "ARRWDB_URL",
      "NO_COLOR",
    ]) {
      expect(output).toContain(word);
    }
  });

  it("of every command has an example", async () => {
    const { output } = await runCommand(["--help"]);
    const commands = [...output.matchAll(/^ {2}([a-z]+)(?= +\[options\]| {2,})/gm)].map(([, name = ""]) => name);
    expect(commands.length).toBeGreaterThan(10);
    const groups = {
      libraries: ["list", "create", "show", "update", "delete"],
      documents: ["list", "count", "get", "put", "delete"],
      webhooks: ["list", "create", "update", "delete", "ping", "deliveries", "redeliver", "rotate"],
      keys: ["create", "list", "revoke"],
    };
    const ofGroups = Object.entries(groups).flatMap(([group, names]) => names.map((name) => [group, name]));
    const all = [
      ...commands.filter((name) => name !== "help" && !Object.hasOwn(groups, name)).map((name) => [name]),
      ...ofGroups,
    ];
    const helps = await Promise.all(all.map((names) => runCommand([...names, "--help"])));
    expect(all.filter((_, index) => !/Examples?:\n {2}\S*.*arrwdb/.test(helps[index]?.output ?? ""))).toEqual([]);
    expect(helps.map(({ code }) => code)).toEqual(all.map(() => 0));
  });

  it("is reached by npx, whatever Node the system has", () => {
    const found = spawnSync("npx", ["arrwdb", "--version"], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PATH: "/usr/local/bin:/usr/bin:/bin" },
    });
    expect(found.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it("The page tells each exit code as the program does", async () => {
  const page = await readFile(`${root}docs/cli.md`, "utf8");
  for (const { code, meaning } of Object.values(exitCodes)) expect(page).toContain(`| ${code} | ${meaning} |`);
});

describe("A command", () => {
  it.each([
    [["bogus"], "unknown command 'bogus'"],
    [["search", "one"], "give either a query or --like"],
    [["search", "one", "two", "--like", "three"], "give either a query or --like"],
    [["search", "one", "two", "-k", "0"], "a whole number from 1 to 1000"],
    [["search", "one", "two", "--filter", "{"], "It is not valid JSON"],
    [["search", "one", "two", "--threshold", "3"], "a number from 0 to 2"],
    [["search", "one", "two", "--threshold", ""], "a number from 0 to 2"],
    [["watch", "one", "two", "--threshold", " "], "a number from 0 to 2"],
    [["search", "one", "two", "--mode", "hybrid", "--vector-weight", ""], "a number from 0 to 1"],
    [["search", "one", "two", "--mode", "magic"], "Allowed choices are vector, text, hybrid"],
    [["tail", "one", "--events", "document.eaten"], "must be one of library.created"],
    [["libraries", "list", "--url", "localhost"], "url: "],
    [["libraries", "create", "x", "--dimension", "many"], "a whole number"],
    [["ingest", "one", "-", "--format", "pdf"], "Allowed choices are ndjson, markdown, text, csv"],
    [["libraries"], "Usage: arrwdb libraries"],
  ])("that is not understood (%j) says so and ends with 2", async (args, message) => {
    const { code, output, errors } = await runCommand(args, { url });
    expect({ code, output, errors }).toEqual({ code: 2, output: "", errors: expect.stringContaining(message) });
  });

  it("that reaches no server ends with 4 and says what to do, as JSON where that is asked for", async () => {
    const words = await runCommand(["libraries", "list"], { url: nowhere });
    expect(words).toMatchObject({ code: 4, output: "", errors: expect.stringContaining("ARRWDB_URL") });
    const json = await runCommand(["libraries", "list", "--json"], { url: nowhere });
    expect(JSON.parse(json.errors)).toMatchObject({ error: { exit: "unreachable", code: "network" } });
  });

  it("ends quietly where its reader has enough", async () => {
    const { id } = await createVectorLibrary(url, 2);
    const lines = Array.from({ length: 2_000 }, (_, index) =>
      JSON.stringify({ title: "t".repeat(200), chunks: [{ text: "x", embedding: [1, index] }] }),
    );
    const sent = await runCommand(["ingest", id, "-"], { url, input: lines.join("\n") });
    expect(sent).toMatchObject({ code: 0, errors: "" });
    const { code, output, errors } = await runInShell(
      `set -o pipefail; arrwdb tail ${id} --from 0 --json | head -n 3`,
      { url },
    );
    expect({ code, errors, lines: output.trimEnd().split("\n").length }).toEqual({ code: 0, errors: "", lines: 3 });
  });

  it("has colours on a terminal only, and not where NO_COLOR is set", async () => {
    await createVectorLibrary(url, 2);
    const [terminal, plain, pipe] = await Promise.all([
      runInTerminal(["libraries", "list"], { url }),
      runInTerminal(["libraries", "list"], { url, environment: { NO_COLOR: "1" } }),
      runCommand(["libraries", "list"], { url }),
    ]);
    expect([terminal.output, plain.output, pipe.output].map((output) => output.includes(escape))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("arrwdb libraries", () => {
  it("makes, lists, shows and deletes libraries, by name and by id", async () => {
    const made = await runCommand(
      ["libraries", "create", "By hand", "--model", "none", "--dimension", "3", "--description", "d"],
      { url },
    );
    const id = made.output.trim();
    const shown = await runCommand(["libraries", "show", "By hand", "--json"], { url });
    expect(library.parse(JSON.parse(shown.output))).toMatchObject({
      id,
      name: "By hand",
      description: "d",
      dimension: 3,
    });
    expect((await runCommand(["libraries", "list"], { url })).output).toMatch(new RegExp(`${id} +By hand`));
    const deleted = await runCommand(["libraries", "delete", id, "--yes", "--json"], { url });
    expect(JSON.parse(deleted.output)).toMatchObject({ deleted: true, id });
    const gone = await runCommand(["libraries", "show", "By hand", "--json"], { url });
    expect(gone).toMatchObject({ code: 1, output: "" });
  });

  it("deletes nothing unless somebody says so", async () => {
    const { id } = await createVectorLibrary(url, 2);
    const unasked = await runCommand(["libraries", "delete", id], { url });
    expect(unasked).toMatchObject({ code: 2, errors: expect.stringContaining("--yes") });
    const refused = await runInTerminal(["libraries", "delete", id], { url, input: "no\n" });
    expect(refused.output).toContain("nothing was deleted");
    expect((await fetch(`${url}/v1/libraries/${id}`)).status).toBe(200);
    const agreed = await runInTerminal(["libraries", "delete", id], { url, input: "test\n" });
    expect(agreed.code).toBe(0);
    expect((await fetch(`${url}/v1/libraries/${id}`)).status).toBe(404);
  });

  it("wants an id where a name stands for several", async () => {
    const ids = [];
    for (let count = 0; count < 2; count++) {
      const response = await post(`${url}/v1/libraries`, { name: "Twice", embedding_model: "none", dimension: 2 });
      ids.push(library.parse(await response.json()).id);
    }
    const { code, errors } = await runCommand(["libraries", "show", "Twice"], { url });
    expect(code).toBe(2);
    for (const id of ids) expect(errors).toContain(id);
  });
});
