import { problem } from "@arrwdb/protocol/errors/problem";
import { APICallError } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ArrwServer } from "../../server/src/server.ts";
import { createLogger } from "../../server/src/telemetry/logger.ts";
import { createVectorLibrary, post, startServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

const logLine = z.looseObject({ level: z.int(), msg: z.string(), request_id: z.string().optional() });
type LogLine = z.output<typeof logLine>;

const secret = "a text that nobody should read in a log";
const lines: LogLine[] = [];
const raw: string[] = [];
const destination = {
  write: (line: string) => {
    raw.push(line);
    lines.push(logLine.parse(JSON.parse(line)));
  },
};

let server: ArrwServer;
let stop: () => Promise<void>;
beforeAll(async () => {
  // Every request is slow enough to be told of.
  const environment = { ARRWDB_SLOW_REQUEST_MS: "1" };
  ({ server, stop } = await startServer(environment, { logger: createLogger("debug", destination) }));
});
afterAll(() => stop());

/** The lines about a request, once there is one. */
const linesOf = (requestId: string) =>
  eventually(() => {
    const found = lines.filter(({ request_id }) => request_id === requestId);
    expect(found).not.toEqual([]);
    return found;
  });

describe("The id of a request", () => {
  it("is the client's, in the answer, the error and the log", async () => {
    const response = await fetch(`${server.address}/v1/nowhere`, { headers: { "x-request-id": "order/7.a:b" } });
    expect(response.headers.get("x-request-id")).toBe("order/7.a:b");
    expect(problem.parse(await response.json())).toMatchObject({
      request_id: "order/7.a:b",
      instance: "urn:arrwdb:request:order/7.a:b",
    });
    expect(await linesOf("order/7.a:b")).toMatchObject([{ status: 404, route: "unmatched", method: "GET" }]);
  });

  it.each(["", "with space", "x".repeat(129), "<script>", 'quote"', "a,b"])(
    "is a new one in place of %j",
    async (id) => {
      const response = await fetch(`${server.address}/health`, { headers: { "x-request-id": id } });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    },
  );

  it("stands beside the connection for a request over WebSocket", async () => {
    const { id } = await createVectorLibrary(server.address);
    const socket = await TestSocket.open(`${server.address.replace("http", "ws")}/v1/libraries/${id}/ws`);
    await socket.request("get", { document_id: id }, "mine-1");
    const [connection] = (await linesOf("mine-1")).map((line) => line["connection"]);
    expect(connection).toMatch(/^[0-9a-f-]{36}$/);
    expect(await linesOf("mine-1")).toContainEqual(
      expect.objectContaining({ action: "get", succeeded: false, connection }),
    );
    await socket.close();
  });
});

describe("Slow requests", () => {
  it("are told of, with their route", async () => {
    const { id } = await createVectorLibrary(server.address);
    await eventually(async () => {
      await fetch(`${server.address}/v1/libraries/${id}`);
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: "slow request", level: 40, route: "/v1/libraries/:library_id" }),
      );
    });
  });
});

describe("The log", () => {
  it("holds no text of a client, whatever goes wrong", async () => {
    const { id } = await createVectorLibrary(server.address);
    const url = `${server.address}/v1/libraries/${id}`;
    await post(`${url}/documents`, { title: secret, chunks: [{ text: secret, embedding: [1, 0, 0, 0] }] });
    await post(`${url}/documents`, { title: "T", text: secret });
    await post(`${url}/documents`, { [secret]: secret, title: 5 });
    await post(`${url}/search?x=${secret}`, { query: secret });
    await fetch(`${url}/documents`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"${secret}`,
    });
    const socket = await TestSocket.open(`${url.replace("http", "ws")}/ws`);
    await socket.request(secret, {});
    await socket.request("search", { query_text: secret }, "last");
    await socket.close();
    await linesOf("last");
    expect(raw.filter((line) => line.includes(secret))).toEqual([]);
  });

  it("tells of a provider's error without its request", () => {
    const told: string[] = [];
    const logger = createLogger("info", { write: (line: string) => void told.push(line) });
    const cause = new APICallError({
      message: "Too many requests",
      url: "https://provider",
      requestBodyValues: { input: [secret] },
      responseHeaders: { authorization: secret },
      statusCode: 429,
    });
    logger.error({ err: new Error("It failed", { cause: new AggregateError([cause], "Gave up", { cause }) }) }, "m");
    expect(JSON.parse(told[0] ?? "")).toMatchObject({
      err: { message: "It failed", cause: { message: "Gave up", cause: { message: "Too many requests" } } },
    });
    expect(told.join("")).not.toContain(secret);
  });
});
