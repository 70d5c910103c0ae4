import { start } from "arrwdb";
import { describe, expect, it } from "vitest";
import { lazyModel, temporaryDirectory } from "../support/server/test-server.ts";
import { within } from "../support/waiting.ts";

const quiet = { ...lazyModel, PORT: 0, LOG_LEVEL: "silent" } as const;

describe("A server in a program", () => {
  it("has the settings that it is given, and stops when it is told to", async () => {
    const settings = { ...quiet, ARRWDB_DATA_DIR: await temporaryDirectory(), ARRWDB_ADMIN_KEY: "k".repeat(24) };
    const server = await start(settings);
    try {
      const refused = await fetch(`${server.url}/v1/libraries`);
      const answered = await fetch(`${server.url}/v1/libraries`, {
        headers: { authorization: `Bearer ${"k".repeat(24)}` },
      });
      expect([refused.status, answered.status]).toEqual([401, 200]);
    } finally {
      await Promise.all([server.stop(), server.stop()]);
    }
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
    // Its data is free for the next.
    const next = await start(settings);
    await within(next.stop(), "the server to stop");
  });

  it("does not read the environment", async () => {
    process.env["ARRWDB_ADMIN_KEY"] = "short";
    try {
      const server = await start({ ...quiet, ARRWDB_DATA_DIR: await temporaryDirectory() });
      await server.stop();
      expect(server.url).toMatch(/^http:/);
    } finally {
      delete process.env["ARRWDB_ADMIN_KEY"];
    }
  });

  it("refuses a name that is no setting, and a value that is none", async () => {
    const misspelt: Readonly<Record<string, string>> = { dataDir: "x" };
    await expect(start(misspelt)).rejects.toThrow("dataDir is not a setting; did you mean ARRWDB_DATA_DIR?");
    const unknown: Readonly<Record<string, string>> = { colour: "red" };
    await expect(start(unknown)).rejects.toThrow("colour is not a setting; settings have the names of their");
    await expect(start({ PORT: 70_000 })).rejects.toThrow('PORT ("70000") must be at most 65535');
  });
});
