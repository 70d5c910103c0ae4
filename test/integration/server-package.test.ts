import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { publint } from "publint";
import { beforeAll, describe, expect, it } from "vitest";
import { Consumer, type Ran, runProgram } from "../support/packages/consumer.ts";
import { pack, unpack } from "../support/packages/packed.ts";
import { installationTimeout, installRuntimes, runtimes } from "../support/packages/runtimes.ts";
import { repository } from "../support/pages/source-files.ts";
import { spawnServer } from "../support/server/server-process.ts";
import { lazyModel, temporaryDirectory } from "../support/server/test-server.ts";
import { requireNode } from "../../server/src/node-version.ts";

let directory: string;
let tarballs: Readonly<Record<"arrwdb" | "@arrwdb/protocol" | "@arrwdb/console", string>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  tarballs = await pack(["arrwdb", "@arrwdb/protocol", "@arrwdb/console"], directory);
});

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

describe("The server's tarball", () => {
  let unpacked: string;
  beforeAll(async () => {
    unpacked = join(directory, "unpacked");
    await unpack(tarballs.arrwdb, unpacked);
  });

  it("has nothing that publint would mend", async () => {
    const { messages } = await publint({ pkgDir: unpacked, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("has scripts only, and the console, the guide and the API reference", async () => {
    const names = await readdir(unpacked, { recursive: true });
    expect(names.filter((name) => /(?<!\.d)\.tsx?$/.test(name))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "bin/installed-arrwdb.cjs",
        "dist/console/dist/index.html",
        "dist/docs/README.md",
        "dist/swagger-ui/swagger-ui-bundle.js",
      ]),
    );
  });

  it("needs none of the workspace's packages, and brings no Node", async () => {
    const { dependencies } = await manifestOf(unpacked);
    const own = Object.keys(dependencies).filter((name) => /arrwdb|^node$|scarf|swagger/.test(name));
    expect(own).toEqual([]);
    expect(Object.values(dependencies).filter((range) => /^(?:file|workspace|link):/.test(range))).toEqual([]);
  });

  it("says which Node it needs, as its command does", async () => {
    expect((await manifestOf(unpacked)).engines).toEqual({ node: "^22.19.0 || >=24.0.0" });
    expect(() => requireNode("22.19.0")).not.toThrow();
    expect(() => requireNode("24.0.0")).not.toThrow();
    expect(() => requireNode("22.18.0")).toThrow("arrwDB needs Node 22.19 or newer, and this is Node 22.18.0;");
    const command = await readFile(join(unpacked, "bin/installed-arrwdb.cjs"), "utf8");
    expect(command).toContain("parts[0] < 22 || (parts[0] === 22 && parts[1] < 19)");
  });
});

const program = `
import { type RunningServer, start, type StartSettings } from "arrwdb";

const settings: StartSettings = { PORT: 0, ARRWDB_DATA_DIR: "program-data", LOG_LEVEL: "warn" };
const server: RunningServer = await start({ ...settings, ARRWDB_EMBEDDING_LOAD: "on-first-use" });
const { status } = await fetch(\`\${server.url}/ready\`);
const failure: Promise<Error> = server.failed;
await server.stop();
await server.stop();
const gone = await fetch(server.url).then(() => "there", () => "gone");
// @ts-expect-error its name is PORT
const wrong: unknown = await start({ port: 0 }).catch((error: unknown) => error);
const invalid: unknown = await start({ PORT: "x" }).catch((error: unknown) => error);
console.log(JSON.stringify([status, failure instanceof Promise, gone, String(wrong), String(invalid)]));
`;

describe("The server's package, installed in an empty folder", () => {
  let consumer: Consumer;
  let installation: Ran;
  beforeAll(async () => {
    await installRuntimes();
    const installed = await Consumer.install(join(directory, "consumer"), runtimes.oldest, [tarballs.arrwdb]);
    ({ consumer, ran: installation } = installed);
  }, installationTimeout);

  const command = () => join(consumer.directory, "node_modules/.bin/arrwdb");

  it("needs no compiler, and no other Node", () => {
    expect(installation).toMatchObject({ code: 0 });
    expect(installation.errors).not.toMatch(/EBADENGINE|deprecated/);
  });

  it.each([
    ["the oldest Node", () => runtimes.oldest],
    ["this Node", () => process.execPath],
  ])("serves with %s, with the console, the guide and the command line", async (_, node) => {
    const data = join(directory, `data-${node() === process.execPath}`);
    const environment = { ...consumer.environment, LOG_LEVEL: "info", ARRWDB_SLOW_REQUEST_MS: "0" };
    await using server = await spawnServer(data, environment, [node(), command(), "serve"]);
    for (const path of [
      "/",
      "/docs",
      "/docs/assets/swagger-ui.css",
      "/docs/guide",
      "/docs/guide/cli",
      "/openapi.json",
    ]) {
      const { status } = await fetch(server.url + path, { headers: { accept: "text/html, */*" } });
      expect({ path, status }).toEqual({ path, status: 200 });
    }
    const arrwdb = async (...args: readonly string[]) => {
      const ran = await consumer.run([command(), ...args], { ARRWDB_URL: server.url }, node());
      expect(ran).toMatchObject({ code: 0, errors: expect.not.stringMatching(/warning/i) });
      return ran.output;
    };
    await consumer.write("tea.ndjson", '{"title": "Kettle", "text": "A copper kettle to boil water for tea."}\n');
    await arrwdb("libraries", "create", "Museum");
    await arrwdb("ingest", "Museum", "tea.ndjson", "--json");
    expect(await arrwdb("search", "Museum", "something to make tea")).toContain("Kettle");
    expect(await arrwdb("export", "Museum")).toContain("copper kettle");
    await arrwdb("backup", join(directory, `backup-${node() === process.execPath}`), "--data-dir", data, "--json");
    await server.stop();
    // No warnings: neither of Node nor of what does not work with it.
    const lines = server.output().trim().split("\n");
    expect(lines.filter((line) => !line.startsWith('{"level":30,'))).toEqual([]);
  });

  it("starts in a program, with types", async () => {
    await consumer.write("program.ts", program);
    const compilerOptions = {
      target: "es2024",
      lib: ["es2024", "dom"],
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      types: [],
    };
    await consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["program.ts"] }));
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    expect(await runProgram(process.execPath, [tsc, "-p", consumer.directory], {})).toMatchObject({ output: "" });
    for (const node of [runtimes.oldest, process.execPath]) {
      const { output } = await consumer.run(["program.ts"], lazyModel, node);
      expect(JSON.parse(output)).toEqual([
        200,
        true,
        "gone",
        "ConfigError: port is not a setting; did you mean PORT?",
        'ConfigError: PORT ("x") must be a whole number',
      ]);
    }
  });

  it("says what to do to whoever has an older Node", async () => {
    const remedy =
      /^(?:arrwdb: )?arrwDB needs Node 22\.19 or newer, and this is Node 20\.\S+; install Node 24 from \S+ and try again\n$/;
    const served = await consumer.run([command(), "serve"], {}, runtimes.old);
    expect(served).toMatchObject({ code: 1, output: "", errors: expect.stringMatching(remedy) });
    const script = 'const { start } = await import("arrwdb"); await start().catch((e) => console.log(e.message))';
    const started = await consumer.run(["--input-type=module", "-e", script], {}, runtimes.old);
    expect(started).toMatchObject({ code: 0, output: expect.stringMatching(remedy), errors: "" });
  });
});

describe("The packages of the protocol and the console", () => {
  it(
    "have what they are for",
    async () => {
      const packages = [tarballs["@arrwdb/protocol"], tarballs["@arrwdb/console"]];
      const { consumer, ran } = await Consumer.install(join(directory, "parts"), process.execPath, packages);
      expect(ran).toMatchObject({ code: 0 });
      const script = `
      const { metadata } = await import("@arrwdb/protocol/documents/metadata");
      const { protocolVersion } = await import("@arrwdb/protocol/version");
      console.log(metadata.safeParse({ year: 2026 }).success, typeof protocolVersion);`;
      expect(await consumer.run(["--input-type=module", "-e", script])).toMatchObject({
        code: 0,
        output: "true string\n",
      });
      const page = await readFile(join(consumer.directory, "node_modules/@arrwdb/console/dist/index.html"), "utf8");
      expect(page).toContain("<script");
    },
    installationTimeout,
  );
});
