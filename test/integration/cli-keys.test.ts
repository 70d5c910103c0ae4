import { rm } from "node:fs/promises";
import { apiKey, keyCreated } from "@arrwdb/protocol/keys/keys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, createLibraryWith, startGuardedServer } from "../support/server/access.ts";
import { commandFile, runCommand } from "../support/server/command.ts";
import { Program } from "../support/server/program.ts";
import { temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let directory: string;
let library: string;

beforeAll(async () => {
  [server, directory] = await Promise.all([startGuardedServer(), temporaryDirectory()]);
  library = await createLibraryWith(server.url);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const runWith = (key: string, ...args: readonly string[]) =>
  runCommand(args, { url: server.url, environment: { ARRWDB_API_KEY: key } });

describe("arrwdb keys", () => {
  it("makes a key that does what it is for and no more, lists it without itself, and revokes it", async () => {
    const args = ["keys", "create", "reader", "--scope", "read", "--library", library, "--expires", "30d", "--json"];
    const created = keyCreated.parse(JSON.parse((await runWith(adminKey, ...args)).output));
    expect(created).toMatchObject({ name: "reader", scope: "read", libraries: [library] });
    const lasts = new Date(created.expires_at ?? 0).getTime() - Date.now();
    expect(Math.round(lasts / 86_400_000)).toBe(30);
    expect((await runWith(created.key, "libraries", "show", library)).code).toBe(0);
    const refused = await runWith(created.key, "libraries", "delete", library, "--yes");
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("ARRWDB_API_KEY") });
    const listed = await runWith(adminKey, "keys", "list", "--json");
    const keys = listed.output
      .trimEnd()
      .split("\n")
      .map((line) => apiKey.strict().parse(JSON.parse(line)));
    expect(keys.map(({ id }) => id)).toEqual([created.id]);
    expect(listed.output).not.toContain(created.key);
    expect((await runWith(adminKey, "keys", "list")).output).toMatch(new RegExp(`${created.id} +reader +read +1`));
    expect((await runWith(adminKey, "keys", "revoke", created.id)).code).toBe(0);
    expect((await runWith(created.key, "libraries", "show", library)).code).toBe(1);
  });

  it("prints the key alone where a program reads it", async () => {
    const { output, errors } = await runWith(adminKey, "keys", "create", "script", "--scope", "write");
    expect(output).toMatch(/^\S+\n$/);
    expect(errors).toContain("not shown again");
    expect((await runWith(output.trim(), "ingest", library, "-")).code).not.toBe(4);
  });

  it.each([
    [["create", "x"], "required option '--scope <scope>'"],
    [["create", "x", "--scope", "god"], "Allowed choices are read, write, admin"],
    [["create", "x", "--scope", "read", "--expires", "soon"], "a number of days"],
  ])("that are asked for wrongly (%j) are refused", async (args, message) => {
    expect(await runWith(adminKey, "keys", ...args)).toMatchObject({
      code: 2,
      errors: expect.stringContaining(message),
    });
  });

  it("are wanted by every command, over HTTP and WebSocket", async () => {
    const without = await runCommand(["libraries", "list"], { url: server.url });
    expect(without).toMatchObject({ code: 1, errors: expect.stringContaining("ARRWDB_API_KEY") });
    expect((await runWith("wrong-key-of-nobody", "export", library)).code).toBe(1);
    expect((await runWith("not a key", "libraries", "list")).code).toBe(2);
    const args = ["tail", library, "--from", "0", "--url", server.url, "--key", adminKey];
    await using command = new Program(commandFile, directory, args);
    await command.line("library.created");
    expect(await command.interrupt()).toBe(130);
    const refused = await runWith("wrong-key-of-nobody", "tail", library, "--from", "0");
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("ARRWDB_API_KEY") });
  });
});
