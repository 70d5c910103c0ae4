import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArrwClient, type Filter, type LibraryHandle, parseJson, stringifyJson } from "arrwdb-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand as run } from "../support/server/command.ts";
import { EventStreamReader } from "../support/peers/event-stream.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { endingProcess } from "../support/server/endings.ts";

/** The first and the last are the same double as the one between. */
const [below, tenant, above] = [733739433195933696n, 733739433195933697n, 733739433195933698n];
const nanoseconds = 1764237600574123457n;
/** As clients in other languages write it. */
const line =
  `{"title":"T","chunks":[{"text":"x","embedding":[12345678901234567890,0],"metadata":{"at":${nanoseconds}}}],` +
  `"metadata":{"tenant":${tenant},"in":[${tenant},1e20,9007199254740993.0],"deep":{"er":-${tenant}},"float":0.1}}`;
const metadata = { tenant, in: [tenant, 100000000000000000000n, 9007199254740993n], deep: { er: -tenant }, float: 0.1 };

let server: TestServer;
let client: ArrwClient;

beforeAll(async () => {
  server = await startServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "true" });
  client = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

async function newLibrary(): Promise<LibraryHandle> {
  const { id } = await client.libraries.create({ name: "test", embedding_model: "none", dimension: 2 });
  return client.library(id);
}

const addressOf = ({ id }: LibraryHandle) => `${server.url}/v1/libraries/${id}`;

async function posted(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status: expect.toSatisfy((status) => status < 300) });
  return text;
}

const search = (filter: string) => `{"embedding":[1,0],"k":10,"metadata_filter":${filter}}`;

/** Filters that let the document pass, and filters for its neighbours. */
const passing = [
  `{"tenant":${tenant}}`,
  `{"tenant":{"$in":[1,${tenant}]}}`,
  `{"tenant":{"$gt":${below},"$lt":${above}}}`,
  `{"tenant":{"$gte":${tenant}}}`,
  `{"at":${nanoseconds}}`,
  `{"in":{"$contains":${tenant}}}`,
  '{"in":100000000000000000000}',
  '{"in":1e20}',
  '{"in":9007199254740993}',
  `{"deep.er":{"$lt":-${below}}}`,
  `{"tenant":{"$ne":${above}}}`,
];
const failing = [
  `{"tenant":${below}}`,
  `{"tenant":${above}}`,
  `{"tenant":{"$in":[${below},${above}]}}`,
  `{"tenant":{"$gt":${tenant}}}`,
  `{"tenant":{"$ne":${tenant}}}`,
  `{"in":{"$contains":${above}}}`,
  '{"in":9007199254740992}',
  `{"at":${nanoseconds + 1n}}`,
  `{"tenant":"${tenant}"}`,
];

describe("Whole numbers beyond 2^53", () => {
  it("are kept and found exactly over HTTP", async () => {
    const library = await newLibrary();
    const written = await posted(`${addressOf(library)}/documents`, line);
    expect(written).toContain(`"tenant":${tenant}`);
    const { document } = Object(parseJson(written));
    const read = await (await fetch(`${addressOf(library)}/documents/${document.id}`)).text();
    expect(read).toContain(`"tenant":${tenant},"in":[${tenant},100000000000000000000,9007199254740993]`);
    expect(read).toContain(`"at":${nanoseconds}`);
    expect(await library.get(document.id)).toMatchObject({ metadata });
    for (const asked of [...passing, ...failing]) {
      for (const accept of ["application/json", "application/x-ndjson"]) {
        const found = await posted(`${addressOf(library)}/search`, search(asked), { accept });
        expect([asked, found.includes(`"tenant":${tenant}`)]).toEqual([asked, passing.includes(asked)]);
      }
      const page = await (
        await fetch(`${addressOf(library)}/events?from_seq=0&metadata_filter=${encodeURIComponent(asked)}`, {
          headers: { accept: "application/json" },
        })
      ).text();
      // Events are about documents, and `at` is a chunk's.
      if (!asked.includes('"at"'))
        expect([asked, page.includes(`"tenant":${tenant}`)]).toEqual([asked, passing.includes(asked)]);
    }
  });

  it("are found exactly by an index of metadata", async () => {
    const library = await newLibrary();
    const documents = Array.from({ length: 600 }, (_, index) => ({
      title: `${index}`,
      chunks: [{ text: "x", embedding: [1, index] }],
      metadata: { tenant: tenant + BigInt(index) },
    }));
    for await (const result of library.ingest(documents)) expect(result.success).toBe(true);
    for (const index of [0, 1, 2, 599]) {
      const { results, total } = await library.search({
        embedding: [1, 0],
        metadata_filter: { tenant: tenant + BigInt(index) },
      });
      expect([total, results[0]?.document.metadata["tenant"]]).toEqual([1, tenant + BigInt(index)]);
    }
    const some = { embedding: [1, 0], k: 1_000, metadata_filter: { tenant: { $gte: tenant + 300n } } };
    expect((await library.search(some)).total).toBe(300);
  });

  it("come exactly with events, and live queries and rooms", async () => {
    const library = await newLibrary();
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library.id}/ws`);
    const texts: string[] = [];
    socket.socket.on("message", (data: Buffer) => texts.push(data.toString()));
    const raw = async (action: string, data: string) => {
      const before = socket.messages.length;
      socket.socket.send(`{"request_id":"${action}","action":"${action}","data":${data}}`);
      const answer = await socket.wait(
        (candidate) => socket.messages.indexOf(candidate) >= before && candidate.type === "response",
      );
      expect(answer).toMatchObject({ success: true, error: null });
    };
    await raw("subscribe", `{"metadata_filter":{"tenant":${tenant}}}`);
    await raw("subscribe", `{"query":{"embedding":[1,0],"k":3,"metadata_filter":{"tenant":${tenant}}}}`);
    await raw("join", '{"session_id":"room","name":"Ada"}');
    const stream = await EventStreamReader.open(
      `${addressOf(library)}/events?metadata_filter=${encodeURIComponent(`{"tenant":${tenant}}`)}`,
    );
    const feed = library.events({ from: 0, metadata_filter: { tenant }, events: ["document.added"] });
    const live = library.live({ embedding: [1, 0], k: 3, metadata_filter: { tenant } });
    expect((await live.next()).value?.results).toEqual([]);
    for (const other of [below, above])
      await posted(`${addressOf(library)}/documents`, line.replaceAll(`${tenant}`, `${other}`));
    await raw("add", line);
    expect(JSON.stringify((await live.next()).value?.results.length)).toBe("1");
    expect((await feed.next()).value).toMatchObject({ type: "document.added", data: { metadata } });
    const block = await stream.wait(({ data }) => data?.includes('"document.added"') === true);
    expect(block.data).toContain(`"tenant":${tenant},`);
    await socket.wait(({ type }) => type === "search.updated");
    await raw("search", `{"embedding":[1,0],"session_id":"room","metadata_filter":{"tenant":${tenant}}}`);
    await socket.wait(({ type }) => type === "session.search");
    for (const type of ["document.added", "search.updated", "session.search", "response"]) {
      const told = texts.filter((text) => text.includes(`"type":"${type}"`) && text.includes('"tenant"'));
      expect([type, told.length > 0, told.every((text) => text.includes(`"tenant":${tenant},`))]).toEqual([
        type,
        true,
        true,
      ]);
    }
    await stream.close();
    await feed.return();
    await live.return();
    await socket.close();
  });

  it("come exactly to webhooks, which also choose by them", async () => {
    const library = await newLibrary();
    await using receiver = await WebhookReceiver.start();
    await library.webhooks.create({ url: receiver.url, metadata_filter: { tenant } });
    for (const one of [below, tenant, above])
      await posted(`${addressOf(library)}/documents`, line.replaceAll(`${tenant}`, `${one}`));
    await receiver.until((calls) => calls.length > 0);
    expect(receiver.calls[0]?.body).toContain(`"tenant":${tenant},`);
    expect(receiver.calls.filter(({ body }) => !body.includes(`"tenant":${tenant},`))).toEqual([]);
  });

  it("are exported and imported, and survive a command line", async () => {
    const library = await newLibrary();
    const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
    try {
      const file = join(directory, "documents.ndjson");
      await writeFile(file, `${line}\n`);
      expect(await run(["ingest", library.id, file], { url: server.url })).toMatchObject({ code: 0 });
      const exported = join(directory, "export.ndjson");
      expect(await run(["export", library.id, "-o", exported], { url: server.url })).toMatchObject({ code: 0 });
      expect(await readFile(exported, "utf8")).toContain(`"tenant":${tenant},"in":[${tenant},`);
      const imported = await run(["import", exported], { url: server.url });
      const copy = client.library(imported.output.trim());
      const found = await copy.search({ embedding: [1, 0], metadata_filter: { tenant } });
      expect(found.results[0]?.document.metadata).toEqual(metadata);
      expect(found.results[0]?.metadata).toMatchObject({ at: nanoseconds });
      const tail = await run(["tail", library.id, "--no-follow", "--json", "--filter", `{"tenant":${tenant}}`], {
        url: server.url,
      });
      expect(tail.output).toContain(`"tenant":${tenant},`);
      const none = await run(
        ["tail", library.id, "--no-follow", "--json", "--events", "document.added", "--filter", `{"tenant":${above}}`],
        {
          url: server.url,
        },
      );
      expect(none.output).toBe("");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("come out of a table as they stand there", async () => {
    const { id } = await client.libraries.create({ name: "table" });
    const rows = `text,tenant,padded,decimal\nHello,${tenant},0${tenant},1.50\n`;
    const ingested = await run(["ingest", id, "--format", "csv", "-"], { url: server.url, input: rows });
    expect(ingested).toMatchObject({ code: 0 });
    const { documents } = await client.library(id).documentPage();
    expect(documents[0]?.metadata).toEqual({ tenant, padded: `0${tenant}`, decimal: 1.5 });
  });

  it("are the same when an upload is sent again", async () => {
    const library = await newLibrary();
    const receipts: string[] = [];
    for (const _ of [1, 2]) {
      const headers = {
        "content-type": "application/x-ndjson",
        "idempotency-key": "again",
        accept: "application/x-ndjson",
      };
      receipts.push(await posted(`${addressOf(library)}/documents/stream`, `${line}\n`, headers));
    }
    expect(receipts[1]).toContain('"replayed":true');
    const { results, total } = await library.search({ embedding: [1, 0] });
    expect([total, results[0]?.document.metadata]).toEqual([1, metadata]);
  });

  it("are refused beyond 100 digits, and elsewhere, by name", async () => {
    const library = await newLibrary();
    const refusals: readonly (readonly [string, string, string])[] = [
      [
        "documents",
        `{"title":"T","chunks":[{"text":"x","embedding":[1,0]}],"metadata":{"n":${"9".repeat(101)}}}`,
        "metadata.n: has more than 100 digits",
      ],
      [
        "documents",
        `{"title":"T","chunks":[{"text":"x","embedding":[1,0]}],"metadata":{"n":1e400}}`,
        "metadata.n: must be a finite number",
      ],
      [
        "documents",
        `{"title":"T","chunks":[{"text":"x","embedding":[1,0]}],"metadata":{"n":${"9".repeat(400)}}}`,
        "metadata.n: must be a finite number",
      ],
      ["search", `{"embedding":[1,0],"k":${tenant}}`, "k: "],
      ["search", search(`{"a":{"$gt":${"9".repeat(101)}}}`), "metadata_filter.a.$gt: must be"],
    ];
    for (const [path, body, message] of refusals) {
      const response = await fetch(`${addressOf(library)}/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect([body, response.status, await response.text()]).toEqual([body, 422, expect.stringContaining(message)]);
    }
  });
});

describe("Whole numbers beyond 2^53 over the Model Context Protocol", () => {
  let library: LibraryHandle;
  beforeAll(async () => {
    library = client.library((await client.libraries.create({ name: "mcp" })).id);
  });

  const request = (name: string, args: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;

  async function exchange(send: (message: string) => Promise<string>): Promise<void> {
    const added = await send(
      request("add", `{"library":"${library.id}","title":"T","texts":["Hello"],"metadata":{"tenant":${tenant}}}`),
    );
    const { document_id } = Object(parseJson(added)).result.structuredContent;
    const got = await send(request("get", `{"library":"${library.id}","document_id":"${document_id}"}`));
    expect(got).toContain(`"metadata":{"tenant":${tenant}}`);
    expect(got).toContain(`{\\"tenant\\":${tenant}}`);
    for (const [filter, hits] of [
      [tenant, true],
      [above, false],
    ] as const) {
      const found = await send(
        request("search", `{"library":"${library.id}","query":"Hello","filter":{"tenant":${filter}}}`),
      );
      expect(found.includes(`"metadata":{"tenant":${tenant}}`)).toBe(hits);
    }
  }

  it("are exact over HTTP", async () => {
    expect.hasAssertions();
    await exchange(async (message) => {
      const text = await posted(`${server.url}/mcp`, message, { accept: "application/json, text/event-stream" });
      return /^data: (.*)$/m.exec(text)?.[1] ?? text;
    });
  });

  it("are exact over standard input and output", async () => {
    expect.hasAssertions();
    const program = fileURLToPath(new URL("../../server/src/cli/arrwdb.ts", import.meta.url));
    const child = endingProcess(
      spawn(process.execPath, [program, "mcp", "--url", server.url], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const send = async (message: string) => {
        child.stdin.write(`${message}\n`);
        return (await lines.next()).value ?? "";
      };
      const opening = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
      await send(stringifyJson({ jsonrpc: "2.0", id: 0, method: "initialize", params: opening }));
      child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
      await exchange(send);
    } finally {
      child.stdin.end();
      child.kill();
    }
  });
});

describe("A filter with a number of JavaScript's", () => {
  it("finds what was written as that number", async () => {
    const library = await newLibrary();
    const number = 1234567890123456800;
    await library.add({ title: "T", chunks: [{ text: "x", embedding: [1, 0] }], metadata: { number } });
    const filters: readonly Filter[] = [{ number }, { number: 1234567890123456800n }, { number: { $lte: number } }];
    for (const metadata_filter of filters)
      expect((await library.search({ embedding: [1, 0], metadata_filter })).total).toBe(1);
  });
});
