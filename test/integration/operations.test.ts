import { parameterExamples } from "@arrwdb/protocol/description/parameter-examples";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { ignored, type Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { problem } from "@arrwdb/protocol/errors/problem";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { refuseUnknownRoutes } from "../../server/src/http/route.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

const table = Object.entries<Operation>(operations);

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe("The table of operations", () => {
  it.each(table)("knows %s by one name, one address and its parameters", (id, operation) => {
    expect(operation.id).toBe(id);
    const same = table.filter(([, { method, path }]) => method === operation.method && path === operation.path);
    expect(same).toHaveLength(1);
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const { parameters } = operation;
    expect(parameters instanceof z.ZodObject ? Object.keys(parameters.shape) : []).toEqual(inPath);
    expect(operation.ofLibrary).toBe(inPath.includes("library_id"));
    expect(operation.body === ignored || operation.stream === undefined).toBe(true);
    expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
  });

  it.each(table)("has a route for %s", async (_, { method, path }) => {
    const abort = new AbortController();
    // Which files the console has is its build's business; a name that none can have is refused by the route itself.
    const examples = path === "/assets/{file}" ? { file: "none" } : parameterExamples;
    const address = `${server.url}${path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => Object(examples)[name] ?? "")}`;
    const response = await fetch(address, { method, signal: abort.signal });
    if (!response.ok) {
      expect(problem.parse(await response.json()).code).not.toBe("route_not_found");
    }
    abort.abort();
  });

  it("is the only source of routes", async () => {
    const app = Fastify();
    refuseUnknownRoutes(app);
    expect(() => app.get("/backdoor", () => "open")).toThrow("GET /backdoor is not in the table of operations");
    await app.close();
  });

  it("says of each action over a WebSocket what it does and what it wants", () => {
    for (const { summary, scope } of Object.values(actions)) {
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      expect(["read", "write"]).toContain(scope);
    }
  });
});
