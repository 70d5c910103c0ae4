import { once } from "node:events";
import { request as requestOf } from "node:http";
import { readConfig } from "../../server/src/settings/config.ts";
import { filePagesPhrase } from "../../server/src/settings/settings-table.ts";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { adminKey, bearer, createLibraryWith, startGuardedServer } from "../support/server/access.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let open: TestServer;
let guarded: TestServer;
let shared: TestServer;
let files: TestServer;

beforeAll(async () => {
  [open, guarded, shared, files] = await Promise.all([
    startServer(),
    startGuardedServer(),
    startGuardedServer({ ARRWDB_CORS_ORIGINS: "https://app.example, http://localhost:5173/" }),
    startServer({ ARRWDB_ALLOW_FILE_PAGES: filePagesPhrase }),
  ]);
});
afterAll(() => Promise.all([open, guarded, shared, files].map((server) => server.stop())));

/** With headers that `fetch` does not let one set. */
async function ask(
  server: TestServer,
  headers: Readonly<Record<string, string>>,
  method = "GET",
  path = "/v1/libraries",
  body = "",
) {
  const request = requestOf(`${server.url}${path}`, { method, headers });
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const part of response) text += String(part);
  return { status: Number(response.statusCode), headers: response.headers, text };
}

/** How a WebSocket ends, or that it opened. */
async function dial(server: TestServer, headers: Readonly<Record<string, string>>): Promise<string> {
  const key = server === open || server === files ? undefined : adminKey;
  const id = key === undefined ? (await createVectorLibrary(server.url)).id : await createLibraryWith(server.url);
  const socket = new WebSocket(`${server.socketUrl}/v1/libraries/${id}/ws`, {
    headers: { ...(key === undefined ? {} : bearer(key)), ...headers },
  });
  const outcome = Promise.withResolvers<string>();
  socket.on("open", () => outcome.resolve("open"));
  socket.on("unexpected-response", (_request, response) => outcome.resolve(String(response.statusCode)));
  socket.on("error", (error) => outcome.resolve(error.message));
  const result = await outcome.promise;
  socket.terminate();
  return result;
}

const foreign = ["https://evil.example", "http://evil.localhost.example", "null", "file://", "nonsense"];

describe("A server without keys, on this machine", () => {
  it.each(foreign)("is out of reach for a page of %s", async (origin) => {
    const { status, text, headers } = await ask(open, { origin });
    expect(problem.parse(JSON.parse(text))).toMatchObject({ status: 403, code: "origin_not_allowed" });
    expect({ status, cors: headers["access-control-allow-origin"] }).toEqual({ status: 403, cors: undefined });
    expect(await dial(open, { origin })).toBe("403");
  });

  it.each(["evil.example", "evil.example:8000", "localhost.evil.example", "192.0.2.1", "127.evil.example"])(
    "does not answer to the name %s, which leads here by DNS rebinding",
    async (host) => {
      expect((await ask(open, { host, origin: `http://${host}` })).status).toBe(403);
      expect((await ask(open, { host })).status).toBe(403);
      expect(await dial(open, { host, origin: `http://${host}` })).toBe("403");
    },
  );

  it.each(["localhost:1", "app.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]:9", "LOCALHOST"])(
    "answers to the name %s",
    async (host) => expect((await ask(open, { host })).status).toBe(200),
  );

  it("is there for pages of this machine, and for programs, but for no picture on a page elsewhere", async () => {
    expect((await ask(open, { origin: "http://localhost:3000" })).status).toBe(200);
    expect(await dial(open, { origin: "http://127.0.0.1:5173" })).toBe("open");
    expect((await ask(open, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect((await ask(open, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status).toBe(200);
    expect((await ask(open, { "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it.each(["no-cors", "navigate", "cors"])(
    "changes nothing for a page elsewhere that tells no origin (%s)",
    async (mode) => {
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": mode };
      for (const server of [open, guarded]) {
        for (const method of ["POST", "DELETE"]) {
          expect([method, (await ask(server, headers, method)).status]).toEqual([method, 403]);
        }
      }
    },
  );
});

describe("A server with keys", () => {
  it.each([...foreign, "http://localhost:3000"])("refuses a page of %s though it has a key", async (origin) => {
    expect((await ask(guarded, { origin, ...bearer(adminKey) })).status).toBe(403);
    expect(await dial(guarded, { origin })).toBe("403");
  });

  it("takes its own pages, also behind a proxy that tells its name, under any name", async () => {
    const own = { host: "search.example", origin: "https://search.example", ...bearer(adminKey) };
    expect((await ask(guarded, own)).status).toBe(200);
    expect(await dial(guarded, { host: "search.example", origin: "https://search.example" })).toBe("open");
    const proxied = { "x-forwarded-host": "search.example", origin: "https://search.example" };
    expect((await ask(guarded, { ...proxied, ...bearer(adminKey) })).status).toBe(200);
  });
});

describe("ARRWDB_CORS_ORIGINS", () => {
  const preflight = (origin: string) =>
    ask(
      shared,
      {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
      },
      "OPTIONS",
    );

  it("lets pages of these origins in, key in hand, and tells what they may read", async () => {
    for (const origin of ["https://app.example", "http://localhost:5173"]) {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(204);
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-allow-headers"]).toContain("authorization");
      const answer = await ask(shared, { origin, ...bearer(adminKey) });
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      expect(answer.headers["access-control-expose-headers"]).toContain("Retry-After");
      expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
      // What is wrong is told too.
      expect(await ask(shared, { origin })).toMatchObject({
        status: 401,
        headers: { "access-control-allow-origin": origin },
      });
      expect(await dial(shared, { origin })).toBe("open");
    }
  });

  it("lets no other in", async () => {
    for (const origin of ["https://app.example.evil", "http://app.example", "https://localhost:5173"]) {
      const allowed = (await preflight(origin)).headers["access-control-allow-origin"];
      expect(allowed).not.toBe(origin);
      expect(allowed).not.toBe("*");
      expect((await ask(shared, { origin, ...bearer(adminKey) })).status).toBe(403);
    }
  });

  it("is nothing by default: pages of other machines are told nothing", async () => {
    const answers = await Promise.all([
      ask(open, { origin: "https://evil.example" }),
      ask(open, {}),
      ask(guarded, bearer(adminKey)),
      ask(guarded, { origin: "http://localhost:3000", ...bearer(adminKey) }),
      ask(open, { origin: "https://evil.example", "access-control-request-method": "POST" }, "OPTIONS"),
      ask(guarded, { origin: "http://localhost:3000", "access-control-request-method": "POST" }, "OPTIONS"),
    ]);
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("One policy", () => {
  /** What becomes of the three ways in which a page can reach a server. */
  async function ways(server: TestServer, origin: string) {
    const key = server === open || server === files ? {} : bearer(adminKey);
    const id =
      server === open || server === files
        ? (await createVectorLibrary(server.url)).id
        : await createLibraryWith(server.url);
    const path = `/v1/libraries/${id}/documents/stream`;
    const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
    const preflight = await ask(server, asked, "OPTIONS", path);
    const read = await ask(server, { origin, ...key });
    const embedding = server === open || server === files ? [1, 0, 0, 0] : [1, 0];
    const line = JSON.stringify({ title: "T", chunks: [{ text: "x", embedding }] });
    const simple = await ask(server, { origin, "content-type": "text/plain", ...key }, "POST", path, line);
    const stored = await ask(server, key, "GET", `/v1/libraries/${id}`);
    const isShared = (answer: typeof read) => answer.headers["access-control-allow-origin"] === origin;
    return {
      fetch: preflight.status === 204 && isShared(preflight) && read.status === 200 && isShared(read),
      simple: simple.status === 200 && isShared(simple),
      stored: Object(JSON.parse(stored.text)).num_documents === 1,
      socket: (await dial(server, { origin })) === "open",
    };
  }
  const all = { fetch: true, simple: true, stored: true, socket: true };
  const none = { fetch: false, simple: false, stored: false, socket: false };

  it.each([
    ["http://localhost:5173", all, none, all],
    ["http://127.0.0.1:9", all, none, none],
    ["http://[::1]:3000", all, none, none],
    ["http://app.localhost", all, none, none],
    ["https://app.example", none, none, all],
    ["https://evil.example", none, none, none],
    ["null", none, none, none],
    ["file://", none, none, none],
  ])("holds for fetch, simple requests and WebSockets of %s alike", async (origin, ofOpen, ofGuarded, ofShared) => {
    expect(await ways(open, origin)).toEqual(ofOpen);
    expect(await ways(guarded, origin)).toEqual(ofGuarded);
    expect(await ways(shared, origin)).toEqual(ofShared);
  });

  it("lets pages in that were opened as files, where one has said so in as many words", async () => {
    for (const origin of ["null", "file://"]) expect(await ways(files, origin)).toEqual(all);
    expect(await ways(files, "https://evil.example")).toEqual(none);
    for (const value of ["true", "1", "yes"]) {
      expect(() => readConfig([], { ARRWDB_ALLOW_FILE_PAGES: value })).toThrow(filePagesPhrase);
    }
    expect(() => readConfig([], { ARRWDB_CORS_ORIGINS: "null" })).toThrow("ARRWDB_ALLOW_FILE_PAGES");
  });
});

it("sends headers that make browsers careful, with answers and errors alike", async () => {
  for (const { headers } of [await ask(open, {}), await ask(guarded, {})]) {
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    const policy = String(headers["content-security-policy"]);
    for (const part of ["default-src 'self'", "script-src 'self'", "object-src 'none'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain("unsafe-eval");
    expect(headers["strict-transport-security"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  }
});

it("keeps a connection that it let in, whatever the page's origin was", async () => {
  const { id } = await createVectorLibrary(open.url);
  const socket = await TestSocket.open(`${open.socketUrl}/v1/libraries/${id}/ws`, { origin: open.url });
  expect((await socket.request("subscribe", {})).success).toBe(true);
  await socket.close();
});
