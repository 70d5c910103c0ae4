import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { library } from "@arrwdb/protocol/documents/model";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerIn, head, RawPeer } from "../support/peers/raw-peer.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startServer();
  ({ id } = await createVectorLibrary(server.url));
});
afterAll(() => server.stop());

const encoders: Readonly<Record<string, (data: Uint8Array) => Uint8Array>> = {
  gzip: (data) => gzipSync(data),
  "x-gzip": (data) => gzipSync(data),
  deflate: (data) => deflateSync(data),
  br: (data) => brotliCompressSync(data),
  zstd: (data) => zstdCompressSync(data),
};
const decoders: Readonly<Record<string, (data: Uint8Array) => Buffer>> = {
  gzip: (data) => gunzipSync(data),
  deflate: (data) => inflateSync(data),
  br: (data) => brotliDecompressSync(data),
  zstd: (data) => zstdDecompressSync(data),
};

function send(method: string, path: string, coding: string, body: Uint8Array): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    "content-encoding": coding,
    accept: "application/json, text/event-stream",
  };
  return fetch(`${server.url}${path}`, { method, headers, body: new Uint8Array(body) });
}
const refusal = async (response: Response) => problem.parse(await response.json());

describe("A compressed body", () => {
  const embedding = [1, 0, 0, 0];
  const document = { title: "T", chunks: [{ text: "x", embedding }] };
  const requests: readonly (readonly [method: string, path: string, status: number, body: unknown])[] = [
    ["POST", "", 201, { name: "x", embedding_model: "none", dimension: 2 }],
    ["PATCH", "/ID", 200, { name: "y" }],
    ["POST", "/ID/documents", 201, document],
    ["PUT", "/ID/documents/0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d", 200, document],
    ["POST", "/ID/search", 200, { embedding }],
    ["POST", "/ID/search/stream", 200, { embedding }],
    ["POST", "/ID/webhooks", 201, { url: "https://receiver.example/" }],
    ["POST", "MCP", 200, { jsonrpc: "2.0", id: 1, method: "ping" }],
  ];
  for (const [method, path, status, body] of requests) {
    it(`is read at ${method} ${path}, in each coding that uploads take`, async () => {
      const address = path === "MCP" ? "/mcp" : `/v1/libraries${path.replace("ID", id)}`;
      const statuses: number[] = [];
      for (const [coding, encode] of Object.entries(encoders)) {
        const response = await send(method, address, coding, encode(Buffer.from(JSON.stringify(body))));
        statuses.push(response.status);
        await response.arrayBuffer();
      }
      // A document that is there is replaced from the second time on.
      expect([201, status]).toContain(statuses[0]);
      expect(statuses.slice(1)).toEqual(statuses.slice(1).map(() => status));
    });
  }

  it("is bounded by what it holds, however small it is", async () => {
    for (const [coding, encode] of Object.entries(encoders)) {
      const bomb = encode(Buffer.alloc(64 * 1024 * 1024, " "));
      expect(bomb.length).toBeLessThan(100_000);
      const response = await send("POST", "/v1/libraries", coding, bomb);
      expect(await refusal(response)).toMatchObject({ status: 413, code: "body_too_large" });
    }
    expect((await fetch(`${server.url}/v1/libraries/${id}`)).status).toBe(200);
  });

  it("is refused where it is corrupt, cut short, followed by something else, or in a coding that is not read", async () => {
    const bytes = Buffer.from(JSON.stringify({ name: "x" }));
    for (const [coding, encode] of Object.entries(encoders)) {
      const whole = encode(bytes);
      const bad = [
        whole.subarray(0, whole.length - 3),
        Buffer.from("nonsense nonsense"),
        Buffer.concat([whole, Buffer.from("nonsense")]),
      ];
      for (const body of bad) {
        const response = await send("POST", "/v1/libraries", coding, body);
        expect(await refusal(response)).toMatchObject({ status: 400, code: "invalid_encoding" });
      }
    }
    for (const coding of ["compress", "gzip, br", "aws-chunked", "x".repeat(5_000)]) {
      const told = await refusal(await send("POST", "/v1/libraries", coding, bytes));
      expect(told).toMatchObject({ status: 415, field: "content-encoding" });
      expect(told.detail.length).toBeLessThan(300);
    }
    expect((await send("POST", "/v1/libraries", "identity", bytes)).status).toBe(201);
    expect(await refusal(await send("POST", "/v1/libraries", "gzip", gzipSync("")))).toMatchObject({
      code: "empty_body",
    });
  });
});

describe("An answer", () => {
  /** As it comes over the wire: `fetch` would decode it. */
  async function get(path: string, accept: string | undefined, method = "GET") {
    const peer = await RawPeer.connect(server.url);
    const headers = accept === undefined ? [] : [`accept-encoding: ${accept}`];
    peer.send(head(`${method} ${path}`, "connection: close", ...headers));
    await peer.closed;
    const answer = answerIn(peer.received);
    return {
      coding: /content-encoding: (\S+)/.exec(answer.head)?.[1],
      vary: /vary: (.*)/.exec(answer.head)?.[1],
      body: Buffer.from(answer.body, "latin1"),
      head: answer.head,
    };
  }

  it("is compressed where the client accepts it, and says what it depends on", async () => {
    const plain = await get("/openapi.json", undefined);
    expect(plain.coding).toBeUndefined();
    expect(plain.vary).toMatch(/\baccept-encoding$/);
    for (const [coding, decode] of Object.entries(decoders)) {
      const answer = await get("/openapi.json", coding);
      expect([answer.coding, answer.vary]).toEqual([coding, plain.vary]);
      expect(answer.body.length).toBeLessThan(plain.body.length / 3);
      expect(decode(answer.body).equals(plain.body)).toBe(true);
      expect(Number(/content-length: (\d+)/.exec(answer.head)?.[1])).toBe(answer.body.length);
    }
    for (const [accept, coding] of [
      ["identity", undefined],
      ["gzip;q=0", undefined],
      ["gzip;q=0, br;q=0.5", "br"],
      ["br;q=0.1, gzip;q=0.9", "gzip"],
      ["lzma, gzip", "gzip"],
      ["nonsense;;q=,", undefined],
    ] as const) {
      expect([accept, (await get("/openapi.json", accept)).coding]).toEqual([accept, coding]);
    }
  });

  it("is not where it is small, a stream, or compressed already", async () => {
    expect((await get("/health", "gzip")).coding).toBeUndefined();
    expect((await get(`/v1/libraries/${id}/export`, "gzip")).coding).toBeUndefined();
    expect((await get("/docs/guide/quick-start", "gzip")).coding).toBe("gzip");
    const peer = await RawPeer.connect(server.url);
    peer.send(head(`GET /v1/libraries/${id}/events`, "accept: text/event-stream", "accept-encoding: gzip"));
    expect(await peer.until("id: ")).not.toContain("content-encoding");
    peer.end();
  });
});

describe("What an error repeats of a request", () => {
  const long = "x".repeat(12_000);

  it("is cut", async () => {
    const answers = [
      await fetch(`${server.url}/${long}`),
      await fetch(`${server.url}/assets/${"a".repeat(150)}`),
      await fetch(`${server.url}/v1/libraries/${long}`),
      await fetch(`${server.url}/v1/libraries`, {
        method: "POST",
        body: "{}",
        headers: { "content-type": `a/${long}` },
      }),
      await fetch(`${server.url}/v1/libraries/${id}/documents/stream`, {
        method: "POST",
        body: "{}",
        headers: { "content-type": `a/${long}` },
      }),
      await fetch(`${server.url}/v1/libraries?${long}=1`),
      await fetch(`${server.url}/v1/libraries?cursor=${long}`),
      await fetch(`${server.url}/v1/libraries/${id}/events?events=${long}`),
      ...(await Promise.all(
        [
          { [long]: 1 },
          Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field${index}`, 1])),
          { name: "x", embedding_model: long.slice(0, 2_000) },
          { name: "x", language: long },
          { name: "x", index: { type: long } },
          `{"name": ${long}}`,
        ].map((body) =>
          fetch(`${server.url}/v1/libraries`, {
            method: "POST",
            body: typeof body === "string" ? body : JSON.stringify(body),
            headers: { "content-type": "application/json" },
          }),
        ),
      )),
      ...(await Promise.all(
        [{ [long]: { $eq: 1 } }, { a: { [`$${long}`]: 1 } }, { [`a.${long}`]: { $in: 3 } }].map((filter) =>
          fetch(`${server.url}/v1/libraries/${id}/search`, {
            method: "POST",
            body: JSON.stringify({ embedding: [1, 0, 0, 0], metadata_filter: filter }),
            headers: { "content-type": "application/json" },
          }),
        ),
      )),
    ];
    for (const answer of answers) {
      if (answer.ok) continue;
      const text = await answer.text();
      expect([answer.url.slice(0, 80), text.length > 1_000 ? text : ""]).toEqual([answer.url.slice(0, 80), ""]);
      problem.parse(JSON.parse(text));
    }
    expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(12);
  });
});

describe("A webhook's address", () => {
  it("is stored as it is called", async () => {
    const webhooks = `${server.url}/v1/libraries/${id}/webhooks`;
    const write = async (method: string, url: string, address: string) => {
      const body = JSON.stringify({ url: address });
      const response = await fetch(url, { method, body, headers: { "content-type": "application/json" } });
      const told: unknown = await response.json();
      return told;
    };
    const made = await write("POST", webhooks, "HTTPS://Receiver.EXAMPLE:443/a/../hooks?x=1");
    expect(made).toMatchObject({ url: "https://receiver.example/hooks?x=1" });
    const address = `${webhooks}/${String(Object(made).id)}`;
    expect(await write("PATCH", address, " http://bücher.example:80 ")).toMatchObject({
      url: "http://xn--bcher-kva.example/",
    });
    expect(library.parse(await (await fetch(`${server.url}/v1/libraries/${id}`)).json()).id).toBe(id);
  });
});
