import { createServer } from "node:http";
import { rm } from "node:fs/promises";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccess } from "../../server/src/access/create-access.ts";
import { HttpListener } from "../../server/src/listener/http-listener.ts";
import { defaultClientTimeouts } from "../../server/src/listener/client-timeouts.ts";
import { EarlyMetrics } from "../../server/src/early-metrics.ts";
import { Readiness } from "../../server/src/listener/readiness.ts";
import { storedKeys } from "../../server/src/store/embedded/stored-keys.ts";
import { Metrics } from "../../server/src/telemetry/metrics.ts";
import { adminKey, bearer, createKey, revokeKey } from "../support/server/access.ts";
import { startServer, temporaryDirectory } from "../support/server/test-server.ts";

/** A door that is not open yet, before data that is there. */
async function doorBefore(directory: string, adminKeyOfStart?: string) {
  const metrics = new Metrics(async () => undefined);
  const settings = {
    adminKey: adminKeyOfStart,
    host: "127.0.0.1",
    corsOrigins: [],
    filePages: false,
    usage: {
      requestsPerMinute: undefined,
      concurrentRequests: undefined,
      connections: undefined,
      bodyBytes: undefined,
    },
    onFault: () => undefined,
  };
  const early = new EarlyMetrics(metrics, async () => {
    const keys = storedKeys(directory);
    return keys === undefined ? undefined : createAccess(keys, settings);
  });
  const door = new HttpListener({
    readiness: new Readiness(),
    monitor: metrics,
    clientTimeouts: defaultClientTimeouts,
    keepAlive: 5_000,
    createServer,
    serveMetrics: (request, response) => early.serve(request, response, new AbortController().signal),
  });
  await door.listen("127.0.0.1", 0);
  const address = door.server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : ""}`;
  const close = async () => {
    door.server.closeAllConnections();
    await door.close();
    await early.close();
  };
  return { url, close };
}

let directory: string;
let reader: string;
let revoked: string;
let narrow: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  const server = await startServer({ ARRWDB_DATA_DIR: directory, ARRWDB_ADMIN_KEY: adminKey });
  reader = (await createKey(server.url)).key;
  narrow = (await createKey(server.url, { libraries: ["0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d"] })).key;
  const ended = await createKey(server.url);
  revoked = ended.key;
  await revokeKey(server.url, ended.id);
  await server.stop();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("A server that starts", () => {
  it("tells its metrics to those who may read them, and nobody else", async () => {
    const { url, close } = await doorBefore(directory);
    const statusOf = async (key?: string, path = "/metrics") =>
      (await fetch(`${url}${path}`, key === undefined ? {} : { headers: bearer(key) })).status;
    expect(await statusOf(reader)).toBe(200);
    const stranger = await fetch(`${url}/metrics`);
    expect([stranger.status, stranger.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="arrwDB"']);
    expect(await (await fetch(`${url}/metrics`, { headers: bearer(reader) })).text()).toContain("arrwdb_info");
    expect((await fetch(`${url}/metrics`, { method: "HEAD", headers: bearer(reader) })).status).toBe(200);
    expect(await statusOf(reader, "/metrics?x=y")).toBe(200);
    expect(await statusOf()).toBe(401);
    expect(await statusOf("arrw_nonsense")).toBe(401);
    expect(await statusOf(revoked)).toBe(401);
    expect(await statusOf(narrow)).toBe(403);
    const foreign = await fetch(`${url}/metrics`, { headers: { ...bearer(reader), origin: "https://evil.example" } });
    expect(problem.parse(await foreign.json())).toMatchObject({ code: "origin_not_allowed" });
    expect(await statusOf(undefined, "/health")).toBe(200);
    expect((await fetch(`${url}/health?a=b`, { method: "HEAD" })).status).toBe(200);
    expect(problem.parse(await (await fetch(`${url}/ready`)).json())).toMatchObject({ status: 503, code: "starting" });
    expect(await statusOf(reader, "/v1/libraries")).toBe(503);
    await close();
  });

  it("knows the key of its environment, and asks for none where there is none", async () => {
    const { url, close } = await doorBefore(directory, "another-key-of-the-environment");
    const headers = bearer("another-key-of-the-environment");
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
    await close();
    const empty = await temporaryDirectory();
    const open = await doorBefore(empty);
    expect((await fetch(`${open.url}/metrics`)).status).toBe(200);
    await open.close();
    await rm(empty, { recursive: true });
  });
});
