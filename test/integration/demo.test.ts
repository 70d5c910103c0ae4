import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { endingProcess } from "../support/server/endings.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { extent } from "../support/suite/extent.ts";
import { eventually } from "../support/waiting.ts";

const file = fileURLToPath(new URL("../../server/src/cli/demo.ts", import.meta.url));

function startDemo(environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = endingProcess(
    spawn(process.execPath, [file, ...args], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  return { child, exited: once(child, "exit") };
}

/** A model that is elsewhere, in place of the built-in one. */
const settingsOf = (provider: string) => ({
  ARRWDB_EMBEDDING: "openai-compatible:fake",
  ARRWDB_EMBEDDING_BASE_URL: provider,
  ARRWDB_EMBEDDING_DIMENSION: "8",
});

describe("The demo", () => {
  it.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "removes its data when it is ended by %s while it starts",
    async (signal) => {
      const temporary = await temporaryDirectory();
      const { child, exited } = startDemo({ PORT: "0", TMPDIR: temporary });
      for await (const line of createInterface(child.stdout)) if (line.includes("Starting")) break;
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      expect(await readdir(temporary)).toEqual([]);
    },
  );

  it("removes its data when Ctrl-C is pressed again and again while its model is slow", async () => {
    const provider = new FakeEmbeddingProvider(8);
    const release = provider.hold();
    const temporary = await temporaryDirectory();
    const { child, exited } = startDemo({ PORT: "0", TMPDIR: temporary, ...settingsOf(await provider.start()) });
    child.stdout.resume();
    await provider.called(1);
    expect(await readdir(temporary)).toHaveLength(1);
    await eventually(() => !child.kill("SIGINT") || child.exitCode !== null, { describe: "the demo to end" });
    await exited;
    expect(await readdir(temporary)).toEqual([]);
    release();
    await provider.stop();
  });

  it("takes a free port where the one that --port names is in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const provider = new FakeEmbeddingProvider(8);
    const temporary = await temporaryDirectory();
    const environment = { TMPDIR: temporary, ...settingsOf(await provider.start()) };
    const { child, exited } = startDemo(environment, ["--port", port]);
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line.includes("The server is up at")) break;
    }
    child.kill("SIGINT");
    expect((await exited)[0]).toBe(0);
    expect(lines.join("\n")).toContain(`PORT (${port}) is in use on 127.0.0.1, so the demo uses a free port.`);
    expect(lines.at(-1)).not.toContain(`:${port}`);
    expect(await readdir(temporary)).toEqual([]);
    taken.close();
    await provider.stop();
  });

  it("streams the project's pages in, searches them, and stays up", async () => {
    // The built-in model takes a quarter of a minute for all pages, so that is for the long run.
    const provider = new FakeEmbeddingProvider(8);
    const elsewhere = settingsOf(await provider.start());
    const { child, exited } = startDemo({ PORT: "0", ...extent(elsewhere, {}) });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line.includes("Ctrl-C")) break;
    }
    const output = lines.join("\n");
    expect(output).toMatch(/\d+ documents with \d+ chunks embedded, on disk and searchable in/);
    expect(output.match(/HTTP, [\d.]+ ms/g)).toHaveLength(3);
    expect(output.match(/WebSocket, [\d.]+ ms/g)).toHaveLength(1);
    const url = /The server is up at (\S+), the library is (\S+)\./.exec(output);
    const response = await fetch(`${url?.[1]}/v1/libraries/${url?.[2]}`);
    expect(await response.json()).toMatchObject({ name: "demo" });
    child.kill("SIGINT");
    expect((await exited)[0]).toBe(0);
    await provider.stop();
  });
});
