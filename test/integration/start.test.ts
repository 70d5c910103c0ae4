import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../server/src/settings/config.ts";
import { unusedSettings } from "../../server/src/settings/unused-settings.ts";
import { adminKey } from "../support/server/access.ts";
import { freePort } from "../support/server/free-port.ts";
import { createVectorLibrary, post, startServer, temporaryDirectory } from "../support/server/test-server.ts";
import { spawnServer } from "../support/server/server-process.ts";
import { eventually } from "../support/waiting.ts";
import { endingProcess } from "../support/server/endings.ts";

const path = (name: string) => fileURLToPath(new URL(`../../server/src/${name}`, import.meta.url));

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: unknown; errors: string; output: string }> {
  const child = endingProcess(
    spawn(process.execPath, [path("main.ts"), ...args], { env: { ...process.env, ...environment } }),
  );
  let errors = "";
  let output = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  const [code]: unknown[] = await once(child, "close");
  return { code, errors, output };
}

describe("Settings", () => {
  it("have the defaults that the pages promise", () => {
    expect(readConfig([], {})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 8000,
      ARRWDB_DATA_DIR: ".arrwdb",
      ARRWDB_EMBEDDING: "builtin",
      LOG_LEVEL: "info",
    });
  });

  it("come from flags before the environment, and an empty variable is none", () => {
    expect(readConfig(["--port", "9000", "--data-dir=/x"], { PORT: "1", HOST: "", LOG_LEVEL: "warn" })).toMatchObject({
      PORT: 9000,
      ARRWDB_DATA_DIR: "/x",
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
    });
  });

  const wrong: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
    [[], { PORT: "abc" }, /PORT \("abc"\) must be a whole number/],
    [["--port="], {}, /PORT \(""\) must be a whole number/],
    [["--rate-limit", " "], {}, /ARRWDB_RATE_LIMIT \(" "\) must be a whole number/],
    [[], { PORT: "70000" }, /PORT .*at most 65535/],
    [["--log-level", "loud"], {}, /LOG_LEVEL \("loud"\) must be one of/],
    [[], { ARRWDB_EMBEDDING_BASE_URL: "ftp://x" }, /ARRWDB_EMBEDDING_BASE_URL .*http/],
    [["--colour", "red"], {}, /Unknown option '--colour'[\s\S]*--port/],
    [["--port"], {}, /--port/],
    [[], { PORT: "x", LOG_LEVEL: "y" }, /PORT[\s\S]*LOG_LEVEL/],
  ];
  for (const [args, environment, message] of wrong) {
    it(`are refused: ${JSON.stringify([args, environment])}`, () =>
      expect(() => readConfig(args, environment)).toThrow(message));
  }

  const refusals: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ PORT: "x" }, /PORT \("x"\) must be a whole number/],
    [{ ARRWDB_EMBEDDING: "magic" }, /ARRWDB_EMBEDDING/],
    [{ ARRWDB_EMBEDDING: "cohere:embed-english-v3.0", COHERE_API_KEY: "" }, /COHERE_API_KEY/],
    [{ ARRWDB_EMBEDDING: "openai-compatible:x" }, /ARRWDB_EMBEDDING_BASE_URL/],
    [{ ARRWDB_DATA_DIR: "/dev/null/data" }, /ARRWDB_DATA_DIR/],
    [{ HOST: "0.0.0.0" }, /HOST \(0\.0\.0\.0\) can be reached from other machines.*ARRWDB_ADMIN_KEY/],
    [{ HOST: "::" }, /HOST .*ARRWDB_ALLOW_OPEN_ACCESS=everybody-may-read-and-delete-everything/],
    [{ HOST: "0.0.0.0", ARRWDB_ALLOW_OPEN_ACCESS: "yes" }, /ARRWDB_ALLOW_OPEN_ACCESS \("yes"\) must be everybody-/],
    [{ ARRWDB_CORS_ORIGINS: "*" }, /ARRWDB_CORS_ORIGINS \(\*\).*needs keys/],
    [{ ARRWDB_CORS_ORIGINS: "app.example" }, /ARRWDB_CORS_ORIGINS .*must be comma-separated origins such as/],
    [{ ARRWDB_ADMIN_KEY: "short-and-secret" }, /^(?!.*short-and-secret)[\s\S]*ARRWDB_ADMIN_KEY must have at least 24/],
    [{ ARRWDB_TLS_CERT: "/no/such/file" }, /ARRWDB_TLS_CERT and ARRWDB_TLS_KEY must be set together/],
    [{ ARRWDB_TLS_CERT: "/no/file", ARRWDB_TLS_KEY: "/no/file" }, /ARRWDB_TLS_CERT \(\/no\/file\).*ENOENT/],
  ];
  it.for(refusals)("refuse the start with a message: %j", async ([environment, message]) => {
    await expect(startServer(environment)).rejects.toThrow(message);
  });

  /** One for each moment at which a start can be refused: when settings are read, and before and after data are opened. */
  const moments: readonly Readonly<Record<string, string>>[] = [
    { PORT: "x" },
    { ARRWDB_TLS_CERT: "/no/file", ARRWDB_TLS_KEY: "/no/file" },
    { ARRWDB_EMBEDDING: "cohere:embed-english-v3.0", COHERE_API_KEY: "" },
  ];
  it.for(moments)("end the process with the message alone: %j", async (environment) => {
    const directory = await temporaryDirectory();
    const { code, errors } = await run([], { PORT: "0", ARRWDB_DATA_DIR: directory, ...environment });
    const name = Object.keys(environment)[0] ?? "";
    const message = new RegExp(`^arrwDB cannot start with these settings:\\n.*${name}[^\\n]*\\n$`);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(message) });
  });

  it("let a server be reached from elsewhere with a key, or without one where that is written out", async () => {
    for (const environment of [
      { ARRWDB_ADMIN_KEY: adminKey },
      { ARRWDB_ALLOW_OPEN_ACCESS: "everybody-may-read-and-delete-everything" },
    ]) {
      const server = await startServer({ HOST: "0.0.0.0", ...environment });
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      await server.stop();
    }
  });

  it("that nothing uses are told of", () => {
    const notesOf = (environment: Readonly<Record<string, string>>) => unusedSettings(readConfig([], environment));
    expect(notesOf({})).toEqual([]);
    expect(notesOf({ COHERE_API_KEY: "secret" })).toEqual([
      expect.stringMatching(/^COHERE_API_KEY is set but not used.*ARRWDB_EMBEDDING=builtin.*cohere:embed/),
    ]);
    expect(notesOf({ COHERE_API_KEY: "secret" }).join()).not.toContain("secret");
    expect(notesOf({ COHERE_API_KEY: "x", ARRWDB_EMBEDDING: "cohere:embed-v4.0" })).toEqual([]);
    const compatible = { ARRWDB_EMBEDDING: "openai-compatible:x", ARRWDB_EMBEDDING_BASE_URL: "http://localhost:1/v1" };
    expect(notesOf({ OPENAI_API_KEY: "x", ...compatible })).toEqual([]);
    expect(notesOf({ OPENAI_API_KEY: "x", ARRWDB_EMBEDDING_DIMENSION: "3" })).toHaveLength(2);
  });

  it("that nothing uses, or are misspelled, are in the log of the start", async () => {
    const directory = await temporaryDirectory();
    const server = await spawnServer(directory, { COHERE_API_KEY: "secret", ARRWDB_DATADIR: "/data" });
    expect(server.output()).toContain("COHERE_API_KEY is set but not used");
    expect(server.output()).toContain("did you mean ARRWDB_DATA_DIR?");
    await server.kill();
    await rm(directory, { recursive: true });
  });

  it("are told by --help", async () => {
    const { code, output } = await run(["--help"], {});
    expect(code).toBe(0);
    for (const name of ["--port", "PORT", "ARRWDB_DATA_DIR", "--data-dir", "COHERE_API_KEY"])
      expect(output).toContain(name);
  });
});

describe("A server process", () => {
  it("names a port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const directory = await temporaryDirectory();
    const { code, errors } = await run([], { PORT: port, ARRWDB_DATA_DIR: directory });
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining(`PORT (${port}) is in use`) });
    other.close();
    await rm(directory, { recursive: true });
  });

  it("names a data directory that is in use", async () => {
    const server = await startServer();
    const { code, errors } = await run([], { PORT: "0", ARRWDB_DATA_DIR: server.directory });
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("in use by another arrwDB") });
    await server.stop();
  });

  it("stops on SIGTERM while it starts, with exit code 0, as often as it is tried", async () => {
    for (let round = 0; round < 5; round++) {
      const directory = await temporaryDirectory();
      const port = String(await freePort());
      const environment = { ...process.env, PORT: port, ARRWDB_DATA_DIR: directory };
      const child = endingProcess(spawn(process.execPath, [path("main.ts")], { env: environment, stdio: "ignore" }));
      const exited = once(child, "exit");
      // It listens before it opens its data.
      await eventually(
        async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)) !== undefined,
      );
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      await rm(directory, { recursive: true });
    }
  });

  it("stops on SIGTERM with exit code 0, and finds its data again", async () => {
    const directory = await temporaryDirectory();
    const first = await spawnServer(directory);
    const { id } = await createVectorLibrary(first.url);
    await post(`${first.url}/v1/libraries/${id}/documents`, {
      title: "Kept",
      chunks: [{ text: "x", embedding: [1, 0, 0, 0] }],
    });
    const exited = once(first.process, "exit");
    first.process.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    const second = await spawnServer(directory);
    const found = await post(`${second.url}/v1/libraries/${id}/search`, { embedding: [1, 0, 0, 0] });
    expect(await found.json()).toMatchObject({ results: [{ document: { title: "Kept" } }], seq: 2 });
    await second.kill();
    await rm(directory, { recursive: true });
  });
});
