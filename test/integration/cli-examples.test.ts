import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Context } from "../../server/src/cli/command-context.ts";
import { createProgram } from "../../server/src/cli/program.ts";
import { FakeEmbeddingProvider } from "../support/embedding/fake-embedding-provider.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { runInShell } from "../support/server/command.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

/** What the examples take for granted: a file of each kind, and a database that exports a table. */
const files = {
  "articles.ndjson": '{"title": "Password", "text": "I forgot my password.", "views": 120}\n',
  "article.json": '{"title": "Password", "text": "I forgot my password."}',
  "docs/guide.md": "# Guide\n\nHow to pay an invoice.\n",
  "catalogue.csv": "name,summary,price\nTeapot,Holds four cups.,24\n",
  "posts.csv": "title,body,created_at\nTeapots,How many cups one holds.,2026-11-27\n",
  "prices.tsv": 'Sieve\t7" across\t6\nTray\tMade of oak\t18\n',
};
/** A library of the Python server. */
const pythonLibrary = {
  name: "Films",
  documents: [
    {
      id: "3f1f2c1e-6d0a-4f5f-9d0c-6a1b2c3d4e5f",
      chunks: [{ text: "A film.", embedding: [1, 0], metadata: { chunk_index: 0 } }],
      metadata: { title: "Robots", created_at: "2025-10-27T04:01:12" },
    },
  ],
  metadata: { index_type: "hnsw", embedding_dimension: 2, embedding_model: "embed-english-v3.0" },
};
/** The model of a provider, as examples name it. */
const providerModel = "openai:text-embedding-3-small";
const providerDimension = 1536;
const key = "arrw_the-key-of-the-examples-in-help";
const outside = "psql() { printf 'kind,message\\nstart,The server has started.\\n'; }";

interface Example {
  /** The command whose help shows it. */
  readonly command: string;
  readonly lines: readonly string[];
}

/** Everything behind `$` in the help of a command and of those below it. */
function examplesOf(command: CommandUnknownOpts, path: string): readonly Example[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const lines = [...help.matchAll(/^ +\$ (.+)$/gm)].map(([, line = ""]) => line);
  // What these lines set, or begin, the next ones need.
  const together = path === "arrwdb" || lines.some((line) => line.startsWith("export "));
  const own = together ? [{ command: path, lines }] : lines.map((line) => ({ command: path, lines: [line] }));
  return [...own, ...command.commands.flatMap((below) => examplesOf(below, `${path} ${below.name()}`))];
}

/**
 * `arrwdb` as a file, so that what is started in the background can be ended, and with an end in any case. In the foreground, as
 * `timeout` sends its signal twice otherwise, and a second one ends the server at once.
 */
const program = `#!/bin/sh
exec timeout --foreground 100 '${process.execPath}' '${fileURLToPath(new URL("../../server/src/cli/arrwdb.ts", import.meta.url))}' "$@"
`;
const prelude = `
set -eu -o pipefail
unset -f arrwdb
PATH="$PWD/bin:$PATH"
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
# What an earlier example left would be taken for the log of the server that is starting.
rm -f serve.log
ready() { until grep -qs '"msg":"ready"' serve.log; do kill -0 $!; sleep 0.1; done; }
${outside}`;

/** The line with the places of this test, and an end where the command has none. */
function runnable(line: string, url: string, directory: string): string {
  const placed = line
    .replaceAll(/https:\/\/arrwdb\.example\.com|http:\/\/localhost:8000/g, url)
    // What is there already is not restored over.
    .replaceAll("/var/lib/arrwdb", join(directory, line.startsWith("arrwdb restore") ? "restored" : "stopped"))
    .replaceAll("/backups", join(directory, "backups"))
    .replaceAll("2026-11-25", "$(date +%F)")
    .replace("01a2089b-189e-7767-830b-7119c64e1a2e", `$(arrwdb webhooks list "Help centre" --json | jq -r .id)`)
    .replace("9f86d081884c7d65", "$(arrwdb keys list --json | jq -r .id | tail -n 1)")
    .replace("--port 9000", "--port 0");
  if (/^arrwdb mcp\b/.test(placed)) return `${placed} < /dev/null`;
  if (/^arrwdb serve &$/.test(placed)) return "arrwdb serve > serve.log &\nready";
  if (/^arrwdb serve\b/.test(placed)) return `${placed} > serve.log &\nready\nkill $!\nwait $!`;
  const endless = /^arrwdb (tail|watch)\b/.test(placed) && !placed.includes("--no-follow");
  return endless ? `${placed} | head -n 1 | grep .` : placed;
}

describe("The examples in --help", () => {
  const all = examplesOf(createProgram(new Context()), "arrwdb").filter(({ lines }) => lines.length > 0);
  let directory: string;
  let server: TestServer;
  let receiver: WebhookReceiver;
  let provider: FakeEmbeddingProvider;
  let client: ArrwClient;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    provider = new FakeEmbeddingProvider(providerDimension);
    server = await startServer({
      ARRWDB_ADMIN_KEY: key,
      ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8",
      ARRWDB_EMBEDDING: providerModel,
      OPENAI_API_KEY: "a key of nobody",
      ARRWDB_EMBEDDING_BASE_URL: `${await provider.start()}/v1`,
    });
    receiver = await WebhookReceiver.start();
    client = new ArrwClient({ url: server.url, key });
    const stopped = await startServer({ ARRWDB_DATA_DIR: join(directory, "stopped") });
    await stopped.stop();
    for (const name of ["docs", "bin"]) await mkdir(join(directory, name));
    await writeFile(join(directory, "bin/arrwdb"), program, { mode: 0o755 });
    await mkdir(join(directory, "backups"));
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
    await writeFile(join(directory, "python-library.json"), JSON.stringify(pythonLibrary));
  });
  afterAll(async () => {
    client.close();
    await server.stop();
    await receiver.down();
    await provider.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** The libraries that examples name, as new. */
  async function prepare(): Promise<void> {
    for await (const { id } of client.libraries.list()) await client.libraries.delete(id);
    for (const name of ["Help centre", "products", "events"])
      await client.libraries.create({ name, embedding_model: "builtin" });
  }

  /** The re-embedding that an example asks for. */
  async function reembed(): Promise<void> {
    for await (const { id, name } of client.libraries.list())
      if (name === "Help centre") await client.library(id).reembedding.start({ embedding_model: providerModel });
  }

  /** The webhook that examples name by its id. */
  async function addWebhook(): Promise<void> {
    for await (const { id, name } of client.libraries.list())
      if (name === "Help centre") await client.library(id).webhooks.create({ url: receiver.url });
  }

  /** The document that examples name by its id. */
  async function addDocument(): Promise<void> {
    for await (const { id, name } of client.libraries.list()) {
      if (name === "Help centre") await client.library(id).put("doc-42", { title: "Invoice", text: "How to pay." });
    }
  }

  /** Goes on changing a document, so that what listens has something to tell. */
  async function change(until: AbortSignal): Promise<void> {
    for await (const { id, name } of client.libraries.list()) {
      if (name !== "Help centre") continue;
      const document = { title: "Outage", text: "There is an outage: how can I pay?" };
      const { document: added } = await client.library(id).add(document);
      while (!until.aborted) {
        await client.library(id).delete(added.id);
        await client.library(id).put(added.id, document);
      }
    }
  }

  it("are there for every command that takes more than its name", () => {
    expect(all.length).toBeGreaterThan(20);
  });

  for (const { command, lines } of all) {
    it(`run: ${lines.join("; ")}`, { timeout: 240_000 }, async () => {
      if (command !== "arrwdb" && !command.endsWith("libraries create")) await prepare();
      else for await (const { id } of client.libraries.list()) await client.libraries.delete(id);
      if (/ webhooks (?!list|create)/.test(command)) await addWebhook();
      if (/ documents (get|patch|delete)| search$/.test(command)) await addDocument();
      if (lines.some((line) => line.endsWith("--status"))) await reembed();
      if (command.endsWith("keys revoke")) await client.keys.create({ name: "website", scope: "read" });
      const ended = new AbortController();
      const changing = /\b(tail|watch)\b/.test(command) ? change(ended.signal) : undefined;
      const script = lines.map((line) => runnable(line, server.url, directory)).join("\n");
      const { code, output, errors } = await runInShell(`${prelude}\n${script}`, {
        url: server.url,
        directory,
        environment: {
          ARRWDB_API_KEY: key,
          PORT: "0",
          ARRWDB_DATA_DIR: join(directory, command === "arrwdb" ? "served" : "stopped"),
        },
      });
      ended.abort();
      await changing;
      // What `head` leaves unread ends a pipe.
      expect({ code: changing === undefined ? code : 0, output, errors }).toMatchObject({ code: 0 });
      if (changing !== undefined) expect(output).not.toBe("");
    });
  }
});
