import { auditPage } from "@arrwdb/protocol/keys/audit";
import type { Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { ArrwClient } from "arrwdb-client";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { TestSocket } from "../support/peers/test-socket.ts";
import { adminKey, bearer, createKey, revokeKey, startGuardedServer } from "../support/server/access.ts";
import { post, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;

beforeAll(async () => {
  server = await startGuardedServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "true" });
  client = new ArrwClient({ url: server.url, key: adminKey });
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const settings = { embedding_model: "none", dimension: 2 };
const create = async (name: string, unique_name?: boolean) =>
  (await client.libraries.create({ name, unique_name, ...settings })).id;
const at = (library: string, key = adminKey, path = "") =>
  fetch(`${server.url}/v1/libraries/${encodeURIComponent(library)}${path}`, { headers: bearer(key) });
const socketAt = (library: string, key = adminKey) =>
  TestSocket.open(`${server.socketUrl}/v1/libraries/${encodeURIComponent(library)}/ws`, bearer(key));

/** The id, or the code of the error. */
async function resolved(name: string, key?: string): Promise<string> {
  const answer = z.object({ id: z.string() }).or(z.object({ code: z.string() }));
  const parsed = answer.parse(await (await at(name, key)).json());
  return "id" in parsed ? parsed.id : parsed.code;
}

const names = [
  "a",
  "A",
  "a b",
  "a/b",
  "%2F",
  "\u00e9",
  "e\u0301",
  "Tea?",
  "documents",
  "\u{1f642}",
  '"',
  "x\ny",
] as const;
const command = fc.record({
  action: fc.constantFrom("create", "create", "rename", "delete", "ask"),
  name: fc.constantFrom(...names.slice(0, 3), ...names),
  pick: fc.nat(),
  unique: fc.boolean(),
} as const);

describe("A library's name", () => {
  let runs = 0;

  it("is its id while no other library that the key sees has it, whatever happens to libraries", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 30 }), async (commands) => {
        const run = `run ${(runs += 1)} `;
        /** Names by id. */
        const model = new Map<string, string>();
        const named = (name: string) => [...model].filter(([, other]) => other === name).map(([id]) => id);
        const refusedName = async (promise: Promise<unknown>) =>
          expect(await promise.catch((error: unknown) => error)).toMatchObject({ code: "name_taken", field: "name" });
        for (const { action, name: short, pick, unique } of commands) {
          const name = `${run}${short}`;
          const id = [...model.keys()][pick % (model.size || 1)];
          // Names are asked for meanwhile, so that what was read before a change could be kept after it.
          const asked = Promise.all([name, model.get(id ?? "") ?? name].map((each) => resolved(each)));
          if (action === "create") {
            if (unique && named(name).length > 0) await refusedName(create(name, true));
            else model.set(await create(name, unique), name);
          } else if (action === "rename" && id !== undefined) {
            const isTaken = named(name).some((other) => other !== id);
            const renamed = client.libraries.update(id, { name, unique_name: unique });
            if (unique && isTaken) await refusedName(renamed);
            else model.set((await renamed).id, name);
          } else if (action === "delete" && id !== undefined) {
            await client.libraries.delete(id);
            model.delete(id);
          }
          await asked;
          for (const each of names.slice(0, 3)) {
            const [first = "library_not_found", second] = named(`${run}${each}`);
            expect(await resolved(`${run}${each}`)).toBe(second === undefined ? first : "ambiguous_name");
          }
        }
        // A key that sees every other library.
        const seen = [...model.keys()].filter((_, index) => index % 2 === 0);
        if (seen.length === 0) return;
        const { id, key } = await createKey(server.url, { libraries: seen });
        for (const short of names) {
          const name = `${run}${short}`;
          const [first = "library_not_found", second] = named(name).filter((each) => seen.includes(each));
          expect(await resolved(name, key)).toBe(second === undefined ? first : "ambiguous_name");
        }
        await revokeKey(server.url, id);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  }, 120_000);

  it("stands for it in every request", async () => {
    const name = "Every/request?";
    const id = await create(name);
    const library = client.library(name);
    const { document } = await library.add({ id: "d", title: "t", chunks: [{ text: "x", embedding: [1, 0] }] });
    const webhook = await library.webhooks.create({ url: "http://127.0.0.1:9/hook" });
    const values = new Map([
      ["document_id", document.id],
      ["webhook_id", webhook.id],
    ]);
    const pathOf = (path: string, given: string) =>
      path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => encodeURIComponent(values.get(parameter) ?? given));
    const ofLibraries = Object.values<Operation>(operations).filter(({ ofLibrary }) => ofLibrary);
    expect(ofLibraries.length).toBeGreaterThan(15);
    for (const { method, path } of ofLibraries) {
      const answerOf = async (given: string) => {
        const headers = { ...bearer(adminKey), accept: "application/json" };
        // An invalid body, which is refused only once the library was found.
        const sent = method === "GET" ? {} : { body: "}", headers: { ...headers, "content-type": "application/json" } };
        const response = await fetch(`${server.url}${pathOf(path, given)}`, { method, headers, ...sent });
        const text = await response.text();
        const withoutTimes = text.replaceAll(
          /"(took_ms|instance|request_id|processing_time_ms|age_seconds)":[^,}]*/g,
          "",
        );
        return { status: response.status, text: withoutTimes };
      };
      const expected = await answerOf(id);
      expect([method, path, await answerOf(name)]).toEqual([method, path, expected]);
      expect([method, path, expected.text.includes("library_not_found")]).toEqual([method, path, false]);
    }
    expect(await library.info()).toMatchObject({ id, name });
    expect(await library.search({ embedding: [1, 0] })).toMatchObject({ results: [{ document_id: "d" }] });
    for await (const event of library.events({ from: 1 })) {
      expect(event).toMatchObject({ library_id: id, seq: 2 });
      break;
    }
    const room = library.room("room");
    await room.join();
    expect(room.participants).toHaveLength(1);
    await room.leave();
    expect(await client.libraries.update(name, { name: "Renamed" })).toMatchObject({ id });
    expect(await client.libraries.delete("Renamed")).toMatchObject({ id });
    library.close();
  });

  it("opens a WebSocket, or closes it with the reason", async () => {
    const id = await create("One socket");
    const socket = await socketAt("One socket");
    expect(await socket.request("ping", {})).toMatchObject({ success: true });
    expect(await socket.request("join", { session_id: "r" })).toMatchObject({ data: { library_id: id } });
    await socket.close();
    await create("One socket");
    const ambiguous = await (await socketAt("One socket")).closed;
    expect(ambiguous).toMatchObject({ code: 4409, reason: expect.stringContaining(id) });
    const { key } = await createKey(server.url, { libraries: [id] });
    await (await socketAt("One socket", key)).close();
    expect(await (await socketAt("No such socket")).closed).toMatchObject({ code: 4404 });
    const malformed = await TestSocket.open(`${server.socketUrl}/v1/libraries/%ff/ws`, bearer(adminKey));
    expect(await malformed.closed).toMatchObject({ code: 4404 });
  });

  it("tells a limited key nothing of libraries that it does not see", async () => {
    const [own, other] = [await create("Secret"), await create("Other secret")];
    const { key } = await createKey(server.url, { libraries: [own] });
    const [unseen, absent] = await Promise.all(["Other secret", "No such secret"].map((name) => at(name, key)));
    const told = async (response: Response | undefined, name: string) =>
      (await response?.text())?.replaceAll(name, "").replaceAll(/"(request_id|instance)":"[^"]+"/g, "");
    expect(unseen?.status).toBe(404);
    expect(await told(unseen, "Other secret")).toBe(await told(absent, "No such secret"));
    await create("Secret");
    expect(await resolved("Secret", key)).toBe(own);
    expect(await resolved("Secret")).toBe("ambiguous_name");
    expect(await resolved(other, key)).toBe("library_not_found");
  });

  it("is listed with its ids if there are several, and told from ids and what is none", async () => {
    const ids = [await create("Twin"), await create("Twin"), await create("Twin")];
    const detail = `3 libraries are named "Twin"; use one of their ids: ${ids.join(", ")}`;
    const response = await at("Twin");
    expect([response.status, await response.json()]).toMatchObject([409, { code: "ambiguous_name", detail }]);
    // A UUID is an id, even if it is a name.
    await create("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d");
    expect(await resolved("0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d")).toBe("library_not_found");
    expect(await resolved((ids[0] ?? "").toUpperCase())).toBe(ids[0]);
    for (const none of ["", "x".repeat(2_001), "x".repeat(12_000), "a\u0000b"]) {
      expect(await resolved(none)).toBe("library_not_found");
    }
  });

  it("is audited by its id, and counted as one request", async () => {
    const id = await create("Audited");
    const { key } = await createKey(server.url, { scope: "admin", limits: { requests_per_minute: 100 } });
    const remaining = async () => Number((await at("Audited", key)).headers.get("ratelimit-remaining"));
    const first = await remaining();
    expect([await resolved("No such name", key), await remaining()]).toEqual(["library_not_found", first - 2]);
    await client.libraries.update("Audited", { description: "d" });
    const audit = await fetch(`${server.url}/v1/audit`, { headers: bearer(adminKey) });
    const { entries } = auditPage.parse(await audit.json());
    expect(entries[0]).toMatchObject({ operation: "updateLibrary", subject: `/v1/libraries/${id}` });
  });
});

describe("unique_name", () => {
  it("is free for one of many that want it at once", async () => {
    const made = await Promise.allSettled(Array.from({ length: 20 }, () => create("Wanted", true)));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await create("Wanted");
    expect(await resolved("Wanted")).toBe("ambiguous_name");
  });

  it("can be given with the name that a library has, and not without a name", async () => {
    const id = await create("Mine", true);
    expect(await client.libraries.update(id, { name: "Mine", unique_name: true })).toMatchObject({ name: "Mine" });
    const response = await fetch(`${server.url}/v1/libraries/${id}`, {
      method: "PATCH",
      headers: { ...bearer(adminKey), "content-type": "application/json" },
      body: JSON.stringify({ unique_name: true }),
    });
    expect(response.status).toBe(422);
    const bad = await post(`${server.url}/v1/libraries`, { name: "x", unique_name: "yes" }, bearer(adminKey));
    expect(await bad.json()).toMatchObject({ code: "validation_failed", field: "unique_name" });
  });
});
