import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClientBench, pointing } from "../support/peers/test-client.ts";
import { runCommand } from "../support/server/command.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";

let bench: ClientBench;
let directory: string;

beforeAll(async () => {
  bench = await ClientBench.start();
  directory = await temporaryDirectory();
});
afterAll(() => bench[Symbol.asyncDispose]());

const run = (...args: readonly string[]) => runCommand(["documents", ...args], { url: bench.proxy.url, directory });

describe("arrwdb documents", () => {
  it("stores, lists, counts and shows documents", async () => {
    const { id } = await bench.library();
    await writeFile(join(directory, "one.json"), JSON.stringify({ ...pointing("one"), year: 1 }));
    expect(await run("put", id, "one.json", "--id", "doc-1")).toMatchObject({ code: 0, output: /Stored doc-1 / });
    await bench.handle(id).add({ ...pointing("two"), year: 2 });
    const { output } = await run("list", id, "--sort=-year", "--json");
    const titles = output
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line).title);
    expect(titles).toEqual(["two", "one"]);
    expect((await run("list", id, "--filter", '{"year": 1}')).output).toMatch(/ID +TITLE[^]*doc-1 +one/);
    expect((await run("list", id, "--limit", "1")).errors).toContain("1 document");
    expect((await run("count", id, "--filter", '{"year": 2}')).output).toBe("1 document with 1 chunk\n");
    expect((await run("get", id, "doc-1")).output).toMatch(/title +one[^]*\n\none/);
    expect(JSON.parse((await run("get", id, "doc-1", "--json", "--vectors")).output)).toMatchObject({ title: "one" });
  });

  it("shows whole numbers of any size, and no control characters of metadata", async () => {
    const { id } = await bench.library();
    await bench.handle(id).put("doc-1", { ...pointing("one"), number: 9007199254740993n, name: "a\u009b31mb" });
    const { code, output } = await run("get", id, "doc-1");
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/metadata +\{"number":9007199254740993,"name":"a31mb"\}/),
    ]);
  });

  it("does not advise to try again what cannot succeed", async () => {
    const { id } = await bench.library();
    const { errors } = await runCommand(["libraries", "reembed", id, "--model", "unknown"], {
      url: bench.proxy.url,
      directory,
    });
    expect(errors).toMatch(/^arrwdb: embedding_model: [^\n]*\n$/);
  });

  it("patches by id and by filter", async () => {
    const { id } = await bench.library();
    for (const year of [1, 2, 3]) await bench.handle(id).put(`doc-${year}`, { ...pointing("x"), year });
    expect((await run("patch", id, '{"title": "y"}', "doc-1")).output).toBe("Patched doc-1: y (seq 5).\n");
    const filter = ["--filter", '{"year": {"$gt": 1}}'];
    expect((await run("patch", id, '{"old": true}', ...filter)).output).toBe("Patched 2 documents.\n");
    expect(JSON.parse((await run("patch", id, '{"year": null}', "--all", "--json")).output)).toMatchObject({
      patched: 3,
      failed: 0,
    });
    expect(await bench.handle(id).count({ year: { $exists: true } })).toMatchObject({ documents: 0 });
    expect(await run("patch", id, "{oops", "doc-1")).toMatchObject({
      code: 2,
      errors: expect.stringContaining("not JSON"),
    });
    expect(await run("patch", id, '{"texts": []}', "doc-1")).toMatchObject({ code: 2 });
    expect(await run("patch", id, '{"a": 1}')).toMatchObject({ code: 2 });
  });

  it("deletes by id and by filter, and only counts with --dry-run", async () => {
    const { id } = await bench.library();
    for (const year of [1, 2, 3]) await bench.handle(id).put(`doc-${year}`, { ...pointing("x"), year });
    expect((await run("delete", id, "--filter", '{"year": {"$gt": 1}}', "--dry-run")).output).toBe(
      "Would delete 2 documents with 2 chunks.\n",
    );
    expect((await run("delete", id, "doc-1")).output).toBe("Deleted doc-1.\n");
    expect((await run("delete", id, "--filter", '{"year": 2}', "--json")).output).toMatch(/"deleted":1/);
    expect((await run("delete", id, "--all")).output).toBe("Deleted 1 document.\n");
    expect(await run("delete", id)).toMatchObject({ code: 2 });
    expect(await run("delete", id, "doc-1", "--all")).toMatchObject({ code: 2 });
    expect((await run("delete", id, "--filter", "{}")).errors).toContain("confirm");
    expect((await run("put", id, "missing.json")).code).toBe(2);
  });
});
