import { auditPage } from "@arrwdb/protocol/keys/audit";
import { keyCreated, keyList } from "@arrwdb/protocol/keys/keys";
import { problem } from "@arrwdb/protocol/errors/problem";
import { DatabaseSync } from "node:sqlite";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminKey,
  bearer,
  createKey,
  createLibraryWith,
  revokeKey,
  startGuardedServer,
} from "../support/server/access.ts";
import { EventStreamReader } from "../support/peers/event-stream.ts";
import {
  createVectorLibrary,
  post,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line } from "../support/peers/upload.ts";

let server: TestServer;
let library: string;

beforeAll(async () => {
  server = await startGuardedServer();
  library = await createLibraryWith(server.url);
});
afterAll(() => server.stop());

const statusWith = async (key: string, url = server.url) =>
  (await fetch(`${url}/v1/whoami`, { headers: bearer(key) })).status;
const listKeys = async () =>
  keyList.parse(await (await fetch(`${server.url}/v1/keys`, { headers: bearer(adminKey) })).json()).keys;
const create = (body: unknown, url = server.url, key = adminKey) => post(`${url}/v1/keys`, body, bearer(key));
const problemOf = async (response: Response) => problem.parse(await response.json());

describe("A key", () => {
  it("is shown once, listed without its secret, and kept as a hash", async () => {
    const response = await create({ name: "shop", scope: "write", libraries: [library], limits: { connections: 3 } });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { key, ...rest } = keyCreated.parse(await response.json());
    expect(response.headers.get("location")).toBe(`/v1/keys/${rest.id}`);
    expect(key).toMatch(new RegExp(`^arrw_${rest.id}_[\\w-]{43}$`));
    expect(rest).toMatchObject({ name: "shop", scope: "write", libraries: [library], limits: { connections: 3 } });
    expect(await listKeys()).toContainEqual(rest);
    expect(JSON.stringify(await listKeys())).not.toContain(key.slice(-43));
    const database = new DatabaseSync(join(server.directory, "arrwdb.sqlite"), { readOnly: true });
    const row = database.prepare("SELECT * FROM api_keys WHERE id = ?").get(rest.id);
    expect(row?.["hash"]).toHaveLength(32);
    expect(
      Object.values(row ?? {})
        .map(String)
        .join(" "),
    ).not.toContain(key.slice(-43));
    database.close();
  });

  it("says when it was used last, and who may do what", async () => {
    const { id, key } = await createKey(server.url, { name: "used" });
    const lastUse = async () => (await listKeys()).find((listed) => listed.id === id)?.last_used_at;
    expect(await lastUse()).toBeNull();
    const response = await fetch(`${server.url}/v1/whoami`, { headers: bearer(key) });
    expect(await response.json()).toEqual({
      key_id: id,
      name: "used",
      scope: "read",
      libraries: null,
      expires_at: null,
    });
    expect(Date.parse((await lastUse()) ?? "")).toBeLessThanOrEqual(Date.now());
  });

  it("works after a restart, with its last use, and so does its revocation", async () => {
    const directory = await temporaryDirectory();
    const environment = { ARRWDB_DATA_DIR: directory };
    const first = await startGuardedServer(environment);
    const [kept, gone] = [await createKey(first.url), await createKey(first.url)];
    expect(await statusWith(kept.key, first.url)).toBe(200);
    await revokeKey(first.url, gone.id);
    await first.stop();
    const second = await startGuardedServer(environment);
    const { keys } = keyList.parse(await (await fetch(`${second.url}/v1/keys`, { headers: bearer(adminKey) })).json());
    expect(keys.map(({ id, last_used_at: at }) => [id, at !== null])).toEqual([[kept.id, true]]);
    expect([await statusWith(kept.key, second.url), await statusWith(gone.key, second.url)]).toEqual([200, 401]);
    await second.stop();
    await rm(directory, { recursive: true });
  });

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ["without a name", { scope: "read" }, "name"],
    ["with an unknown scope", { name: "x", scope: "root" }, "scope"],
    ["for no library", { name: "x", scope: "read", libraries: [] }, "libraries"],
    ["for what is no library", { name: "x", scope: "read", libraries: ["all"] }, "libraries[0]"],
    ["that has expired", { name: "x", scope: "read", expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    ["with a wrong time", { name: "x", scope: "read", expires_at: "tomorrow" }, "expires_at"],
    ["with a limit of 0", { name: "x", scope: "read", limits: { connections: 0 } }, "limits.connections"],
    ["with an unknown field", { name: "x", scope: "read", key: "mine" }, "key"],
  ];
  for (const [name, body, field] of wrong) {
    it(`is not created ${name}`, async () => {
      expect(await problemOf(await create(body))).toMatchObject({ status: 422, field });
    });
  }

  it("is told not to be there where its id is unknown", async () => {
    const remove = (id: string) =>
      fetch(`${server.url}/v1/keys/${id}`, { method: "DELETE", headers: bearer(adminKey) });
    expect(await problemOf(await remove("0123456789abcdef"))).toMatchObject({ status: 404, code: "key_not_found" });
    expect(await problemOf(await remove("nonsense"))).toMatchObject({ status: 422, field: "key_id" });
  });
});

describe("What was opened with a key", () => {
  const opened = async (key: string) => ({
    socket: await TestSocket.open(`${server.socketUrl}/v1/libraries/${library}/ws`, bearer(key)),
    stream: await EventStreamReader.open(`${server.url}/v1/libraries/${library}/events`, bearer(key)),
  });

  it("ends at once when the key is revoked, and nothing else does", async () => {
    const [revoked, kept] = [await createKey(server.url), await createKey(server.url)];
    const [{ socket, stream }, others] = [await opened(revoked.key), await opened(kept.key)];
    await Promise.all([socket.request("subscribe", {}), others.socket.request("subscribe", {})]);
    await revokeKey(server.url, revoked.id);
    expect(await statusWith(revoked.key)).toBe(401);
    expect(await socket.closed).toEqual({ code: 4401, reason: expect.stringContaining("revoked") });
    const ended = await stream.wait(({ event }) => event === "ended");
    expect(JSON.parse(ended.data ?? "")).toMatchObject({ error_code: "unauthorized", retryable: false });
    await stream.ended;
    expect((await others.socket.request("subscribe", {})).success).toBe(true);
    expect(others.stream.over).toBe(false);
    await Promise.all([others.socket.close(), others.stream.close()]);
  });

  it("ends when the key expires", async () => {
    const { key } = await createKey(server.url, { expires_at: new Date(Date.now() + 1_500).toISOString() });
    const { socket, stream } = await opened(key);
    expect(await socket.closed).toEqual({ code: 4401, reason: expect.stringContaining("expired") });
    await stream.ended;
    expect(await statusWith(key)).toBe(401);
  });

  it("is read no further where it is an upload; what was stored is told", async () => {
    const { id, key } = await createKey(server.url, { scope: "write" });
    const sent = new TransformStream<Uint8Array, Uint8Array>();
    const writer = sent.writable.getWriter();
    const document = line({ title: "T", chunks: [{ text: "x", embedding: [1, 0] }] });
    void writer.write(new TextEncoder().encode(`${document}\n`)).catch(() => undefined);
    const response = await fetch(`${server.url}/v1/libraries/${library}/documents/stream`, {
      method: "POST",
      headers: { ...bearer(key), accept: "application/x-ndjson", "content-type": "application/x-ndjson" },
      body: sent.readable,
      duplex: "half",
    });
    let told = "";
    if (response.body === null) throw new Error("No answer");
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      if (told === "") await revokeKey(server.url, id);
      told += part;
    }
    const lines = told
      .trim()
      .split("\n")
      .map((text): unknown => JSON.parse(text));
    expect(lines).toMatchObject([
      { success: true, line: 1 },
      { summary: { successful: 1, aborted: { error_code: "unauthorized" } } },
    ]);
  });
});

describe("A server without keys", () => {
  it("is open until the first one, which has to be one for everything", async () => {
    const open = await startServer();
    const { id } = await createVectorLibrary(open.url);
    expect(await (await fetch(`${open.url}/v1/whoami`)).json()).toMatchObject({ key_id: null, scope: "admin" });
    // Whoever sends a key means it.
    expect(await statusWith("nonsense", open.url)).toBe(401);
    const socket = await TestSocket.open(`${open.socketUrl}/v1/libraries/${id}/ws`);
    await socket.request("subscribe", {});
    for (const body of [
      { name: "x", scope: "read" },
      { name: "x", scope: "admin", libraries: [id] },
      { name: "x", scope: "admin", expires_at: "2100-01-01T00:00:00Z" },
    ]) {
      expect(await problemOf(await post(`${open.url}/v1/keys`, body))).toMatchObject({ status: 422, field: "scope" });
    }
    const first = keyCreated.parse(await (await post(`${open.url}/v1/keys`, { name: "first", scope: "admin" })).json());
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect((await fetch(`${open.url}/v1/libraries`)).status).toBe(401);
    expect(await statusWith(first.key, open.url)).toBe(200);

    const remove = (key: string, keyId: string) =>
      fetch(`${open.url}/v1/keys/${keyId}`, { method: "DELETE", headers: bearer(key) });
    expect(await problemOf(await remove(first.key, first.id))).toMatchObject({ status: 422, field: "key_id" });
    const second = keyCreated.parse(
      await (await create({ name: "second", scope: "admin" }, open.url, first.key)).json(),
    );
    // Each removes the other at the same time: one of them stays.
    const ends = await Promise.all([remove(first.key, second.id), remove(second.key, first.id)]);
    expect(ends.filter(({ ok }) => ok)).toHaveLength(1);
    const statuses = [await statusWith(first.key, open.url), await statusWith(second.key, open.url)];
    expect(new Set(statuses)).toEqual(new Set([200, 401]));
    await open.stop();
  });
});

describe("The audit trail", () => {
  const read = async (query = "") =>
    auditPage.parse(await (await fetch(`${server.url}/v1/audit${query}`, { headers: bearer(adminKey) })).json());

  it("tells who did what, with what result, and where it stands in the log", async () => {
    const { id, key } = await createKey(server.url, { name: "keeper", scope: "admin" });
    const made = await post(
      `${server.url}/v1/libraries`,
      { name: "x", embedding_model: "none", dimension: 2 },
      bearer(key),
    );
    const location = made.headers.get("location") ?? "";
    await fetch(`${server.url}${location}`, { method: "DELETE", headers: bearer(key) });
    const missing = await fetch(`${server.url}${location}`, { method: "DELETE", headers: bearer(key) });
    const { entries } = await read("?limit=4");
    expect(
      entries.map(({ operation, subject, status, code, key_id }) => [operation, subject, status, code, key_id]),
    ).toEqual([
      ["deleteLibrary", location, 404, "library_not_found", id],
      ["deleteLibrary", location, 200, null, id],
      ["createLibrary", location, 201, null, id],
      ["createKey", `/v1/keys/${id}`, 201, null, "environment"],
    ]);
    expect(entries[0]).toMatchObject({
      key_name: "keeper",
      address: "127.0.0.1",
      request_id: missing.headers.get("x-request-id"),
    });
    expect(JSON.stringify(entries)).not.toContain(key.slice(-43));
  });

  it("tells of refusals once a minute, and of strangers not at all, so that nobody can fill it", async () => {
    const { id, key } = await createKey(server.url, { scope: "read" });
    const attempt = (headers: Readonly<Record<string, string>>) =>
      fetch(`${server.url}/v1/libraries/${library}`, { method: "DELETE", headers });
    for (let count = 0; count < 5; count++) await Promise.all([attempt(bearer(key)), attempt(bearer("nonsense"))]);
    const { entries } = await read("?limit=100");
    expect(entries.filter(({ key_id }) => key_id === id)).toMatchObject([
      { operation: "deleteLibrary", status: 403, code: "forbidden" },
    ]);
    expect(entries.filter(({ code }) => code === "unauthorized")).toEqual([]);
  });

  it("is read a page at a time", async () => {
    const all = await read("?limit=1000");
    const ids: number[] = [];
    for (let query = "?limit=3"; ;) {
      const page = await read(query);
      ids.push(...page.entries.map(({ id }) => id));
      if (page.next_before === null) break;
      query = `?limit=3&before=${page.next_before}`;
    }
    expect(ids).toEqual(all.entries.map(({ id }) => id));
    expect((await problemOf(await fetch(`${server.url}/v1/audit?limit=0`, { headers: bearer(adminKey) }))).field).toBe(
      "limit",
    );
  });
});

describe("A browser that is signed in", () => {
  const signIn = (key: string, headers: Readonly<Record<string, string>> = {}) =>
    post(`${server.url}/v1/browser-session`, { key }, headers);
  const cookieOf = (response: Response) => (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

  it("has a cookie that scripts and other sites cannot use, and which is not the key", async () => {
    const { key } = await createKey(server.url);
    const response = await signIn(key);
    expect(response.status).toBe(200);
    const cookie = response.headers.get("set-cookie") ?? "";
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"]) expect(cookie).toContain(part);
    expect(cookie).not.toContain(key);
    const headers = { cookie: `a=b; ${cookieOf(response)}` };
    expect((await fetch(`${server.url}/v1/libraries`, { headers })).status).toBe(200);
    const stream = await EventStreamReader.open(`${server.url}/v1/libraries/${library}/events`, headers);
    const socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${library}/ws`, headers);
    expect((await socket.request("subscribe", {})).success).toBe(true);
    await Promise.all([socket.close(), stream.close()]);
  });

  it("is refused when its key is revoked, when it signs out, and where it sends another key too", async () => {
    const [one, other] = [await createKey(server.url), await createKey(server.url)];
    const cookie = cookieOf(await signIn(one.key));
    const status = async (headers: Readonly<Record<string, string>>) =>
      (await fetch(`${server.url}/v1/libraries`, { headers })).status;
    expect(await status({ cookie, ...bearer(one.key) })).toBe(200);
    expect(await status({ cookie, ...bearer(other.key) })).toBe(401);
    expect(await status({ cookie: "arrwdb_session=over", ...bearer(one.key) })).toBe(200);
    const second = cookieOf(await signIn(one.key));
    const out = await fetch(`${server.url}/v1/browser-session`, { method: "DELETE", headers: { cookie: second } });
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(await status({ cookie: second })).toBe(401);
    await revokeKey(server.url, one.id);
    expect(await status({ cookie })).toBe(401);
  });

  it("is not one that shows a wrong key, or comes from a page of another site", async () => {
    expect((await signIn("nonsense")).status).toBe(401);
    const foreign = await signIn(adminKey, { origin: "https://evil.example" });
    expect(await problemOf(foreign)).toMatchObject({ status: 403, code: "origin_not_allowed" });
    expect(foreign.headers.get("set-cookie")).toBeNull();
  });
});
