import { keyScopes } from "@arrwdb/protocol/keys/keys";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { libraryList } from "@arrwdb/protocol/documents/model";
import type { Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  adminKey,
  bearer,
  createKey,
  createLibraryWith,
  revokeKey,
  startGuardedServer,
} from "../support/server/access.ts";
import { Scrape } from "../support/metrics.ts";
import type { TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

/*
 * Everything that can be asked for, from the tables that routes and actions are made of, by everybody who may not. A new
 * route or action is tested without a line here.
 */

const guarded = Object.values<Operation>(operations).filter(({ scope }) => scope !== "none");
const absent = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
const scopesBelow = (scope: string) =>
  keyScopes.slice(
    0,
    keyScopes.findIndex((name) => name === scope),
  );
const scopesFrom = (scope: string) => keyScopes.slice(keyScopes.findIndex((name) => name === scope));

let server: TestServer;
let library: string;
let other: string;
const keys: Record<string, string> = {};
const strangers: Record<string, Readonly<Record<string, string>>> = {};

beforeAll(async () => {
  server = await startGuardedServer();
  library = await createLibraryWith(server.url);
  other = await createLibraryWith(server.url);
  for (const scope of keyScopes) keys[scope] = (await createKey(server.url, { scope })).key;
  for (const scope of keyScopes) {
    keys[`limited ${scope}`] = (await createKey(server.url, { scope, libraries: [library] })).key;
  }
  const revoked = await createKey(server.url, { scope: "admin" });
  await revokeKey(server.url, revoked.id);
  const expiresAt = new Date(Date.now() + 500).toISOString();
  const expired = await createKey(server.url, { scope: "admin", expires_at: expiresAt });
  await eventually(() => Date.now() > Date.parse(expiresAt));
  const secret = keys["admin"] ?? "";
  const forged = secret.slice(0, -1) + (secret.endsWith("A") ? "B" : "A");
  Object.assign(strangers, {
    "no key": {},
    "an empty key": { authorization: "Bearer " },
    "a key of another kind": { authorization: `Basic ${Buffer.from(`admin:${adminKey}`).toString("base64")}` },
    nonsense: bearer("nonsense"),
    "a key with one letter wrong": bearer(forged),
    "the id of a key": bearer(secret.slice(0, 22)),
    "a key that was revoked": bearer(revoked.key),
    "a key that has expired": bearer(expired.key),
    "the cookie of nobody": { cookie: "arrwdb_session=nonsense" },
    "a key in place of the cookie": { cookie: `arrwdb_session=${secret}` },
    "a key of 10,000 characters": bearer("x".repeat(10_000)),
  });
});
afterAll(() => server.stop());

const strangerNames = [
  "no key",
  "an empty key",
  "a key of another kind",
  "nonsense",
  "a key with one letter wrong",
  "the id of a key",
  "a key that was revoked",
  "a key that has expired",
  "the cookie of nobody",
  "a key in place of the cookie",
  "a key of 10,000 characters",
] as const;

const ask = async (
  { method, path }: Operation,
  headers: Readonly<Record<string, string>>,
  libraryId = absent,
  query = "",
) => {
  const address = path.replaceAll("{library_id}", libraryId).replaceAll("{key_id}", "0123456789abcdef");
  const url = `${server.url}${address.replaceAll(/\{\w+\}/g, absent)}${query}`;
  const response = await fetch(url, { method, headers: { accept: "application/json", ...headers } });
  const text = await response.text();
  const code = response.ok ? undefined : problem.parse(JSON.parse(text)).code;
  return { status: response.status, code, text, response };
};

describe.each(guarded)("$id", (operation) => {
  it.each(strangerNames)("refuses %s with 401, and says how to be known", async (name) => {
    const { status, code, text, response } = await ask(operation, strangers[name] ?? {}, library);
    expect({ status, code }).toEqual({ status: 401, code: "unauthorized" });
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    for (const secret of [...Object.values(keys), adminKey, "nonsense"]) expect(text).not.toContain(secret);
  });

  it("takes no key from the address", async () => {
    for (const name of ["key", "api_key", "access_token", "token", "authorization"]) {
      expect((await ask(operation, {}, library, `?${name}=${keys["admin"]}`)).status).toBe(401);
    }
  });

  it("refuses a key of too small a scope with 403", async () => {
    for (const scope of scopesBelow(operation.scope)) {
      const { status, code } = await ask(operation, bearer(keys[scope] ?? ""), library);
      expect({ scope, status, code }).toEqual({ scope, status: 403, code: "forbidden" });
    }
  });

  it("lets keys of its scope and above through", async () => {
    for (const key of [...scopesFrom(operation.scope).map((scope) => keys[scope] ?? ""), adminKey]) {
      const { status, code } = await ask(operation, bearer(key));
      expect(status).not.toBe(401);
      expect(code).not.toBe("forbidden");
    }
  });
});

describe.each(guarded.filter(({ ofLibrary }) => ofLibrary))("$id, of one library,", (operation) => {
  it("does not tell a key for another library whether this one is there", async () => {
    const headers = bearer(keys["limited admin"] ?? "");
    const [there, missing] = await Promise.all([ask(operation, headers, other), ask(operation, headers, absent)]);
    const details = [there, missing].map(({ text }) => {
      const { status, code, detail } = problem.parse(JSON.parse(text));
      return { status, code, detail };
    });
    expect(details[0]).toMatchObject({ status: 404, code: "library_not_found" });
    expect(details[0]).toEqual(details[1]);
  });

  it("lets a key for this library through", async () => {
    const own = await createLibraryWith(server.url);
    const { key } = await createKey(server.url, { scope: "admin", libraries: [own.toUpperCase()] });
    const { status, code } = await ask(operation, bearer(key), own);
    expect(status).not.toBe(401);
    expect(["forbidden", "library_not_found"]).not.toContain(code);
  });
});

describe.each(guarded.filter(({ ofLibrary }) => !ofLibrary))("$id, of the server,", (operation) => {
  it("is refused to a key for some libraries, or shows it these alone", async () => {
    const { status, code, text } = await ask(operation, bearer(keys["limited admin"] ?? ""));
    if (operation.narrowed !== true) return expect({ status, code }).toEqual({ status: 403, code: "forbidden" });
    expect(status).toBe(200);
    expect(text).toContain(library);
    expect(text).not.toContain(other);
  });
});

describe("The list of a key for some libraries", () => {
  /** Reads that the writing thread has answered. */
  async function reads(): Promise<number> {
    const response = await fetch(`${server.url}/metrics`, { headers: bearer(adminKey) });
    return new Scrape(await response.text()).value("arrwdb_thread_turns_total", { thread: "writing", work: "read" });
  }

  it("reads about as many as a page shows, and shows each once, also where some were deleted", async () => {
    const made = await Promise.all(Array.from({ length: 120 }, () => createLibraryWith(server.url)));
    const ids = made.toSorted();
    const { key } = await createKey(server.url, { libraries: ids });
    // More in a row than are read together.
    const deleted = new Set(ids.slice(20, 60));
    const remove = (id: string) =>
      fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE", headers: bearer(adminKey) });
    await Promise.all([...deleted].map(remove));
    const page = async (limit: number, cursor = "") => {
      const address = `${server.url}/v1/libraries?limit=${limit}${cursor && `&cursor=${cursor}`}`;
      return libraryList.parse(await (await fetch(address, { headers: bearer(key) })).json());
    };
    const before = await reads();
    expect((await page(1)).libraries).toHaveLength(1);
    expect((await reads()) - before).toBeLessThan(20);

    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const found = await page(7, cursor);
      seen.push(...found.libraries.map(({ id }) => id));
      cursor = found.next_cursor;
    }
    expect(seen).toEqual(ids.filter((id) => !deleted.has(id)));
  });
});

describe("A WebSocket", () => {
  const address = (id: string) => `${server.socketUrl}/v1/libraries/${id}/ws`;
  // Each from an address of its own, as refusals of one address are told later each time.
  let host = 1;
  const open = (headers: Readonly<Record<string, string>>, id = library, protocols: string[] = []) =>
    new TestSocket(new WebSocket(address(id), protocols, { headers, localAddress: `127.0.1.${++host}` }));
  const opened = (headers: Readonly<Record<string, string>>, protocols: readonly string[] = []) =>
    TestSocket.open(address(library), headers, protocols);

  it.each(strangerNames)("is closed with 4401 for %s", async (name) => {
    const socket = open(strangers[name] ?? {});
    const { code, reason } = await socket.closed;
    expect(code).toBe(4401);
    expect(reason).not.toBe("");
    expect(socket.messages).toEqual([]);
  });

  it("is closed with 4404 for a library that the key is not for, as for one that is not there", async () => {
    const ends = await Promise.all(
      [other, absent, "nonsense"].map((id) => open(bearer(keys["limited read"] ?? ""), id).closed),
    );
    expect(ends[0]).toMatchObject({ code: 4404 });
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toMatchObject({ code: 4404 });
  });

  for (const [action, { scope }] of Object.entries(actions)) {
    it(`lets ${action} be done with the scope ${scope} alone`, async () => {
      for (const below of scopesBelow(scope)) {
        const socket = await opened(bearer(keys[below] ?? ""));
        const answer = await socket.request(action, {});
        expect(answer).toMatchObject({ success: false, error_code: "forbidden" });
        await socket.close();
      }
      for (const enough of scopesFrom(scope).flatMap((name) => [name, `limited ${name}`])) {
        const socket = await opened(bearer(keys[enough] ?? ""));
        expect((await socket.request(action, {})).error_code).not.toBe("forbidden");
        await socket.close();
      }
    });
  }

  it("takes the key as a subprotocol, and answers with arrwdb alone", async () => {
    const socket = await opened({}, ["arrwdb", `arrwdb.key.${keys["read"]}`]);
    expect((await socket.request("subscribe", {})).success).toBe(true);
    expect(socket.socket.protocol).toBe("arrwdb");
    await socket.close();
    // Never the key, even where nothing else is offered; that client ends by itself, as nothing was chosen.
    const lone = open({}, library, [`arrwdb.key.${keys["read"]}`]);
    await lone.closed;
    expect(lone.socket.protocol).not.toContain("arrwdb.key");
  });

  it("refuses two keys that differ, and takes one that comes twice", async () => {
    const protocols = (key = "") => ["arrwdb", `arrwdb.key.${key}`];
    const headers = bearer(keys["read"] ?? "");
    expect(await open(headers, library, protocols(keys["write"])).closed).toMatchObject({ code: 4401 });
    const socket = await opened(headers, protocols(keys["read"]));
    expect((await socket.request("subscribe", {})).success).toBe(true);
    await socket.close();
  });
});
