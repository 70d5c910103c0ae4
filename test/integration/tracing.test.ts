import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { createServer as createTcpServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import manifest from "../../server/package.json" with { type: "json" };
import { createLibrary, post, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { line, uploadTo, uploadUrl } from "../support/peers/upload.ts";

const attribute = z.object({
  key: z.string(),
  value: z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional() }),
});
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  attributes: z.array(attribute),
  status: z.object({ code: z.int().optional() }),
});
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});
type Span = z.output<typeof span>;

const traceOf = (digit: string) => digit.repeat(32);
const parentSpan = "00f067aa0ba902b7";
const traceparent = (digit: string) => `00-${traceOf(digit)}-${parentSpan}-01`;

let directory: string;
let server: ServerProcess;
const spans: Span[] = [];
const services = new Set<string | undefined>();
const namespaces = new Set<string | undefined>();
const versions = new Set<string | undefined>();
const bodies: string[] = [];
const batches: number[] = [];

/** Takes spans as a collector does. */
const collector = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
    bodies.push(text);
    const { resourceSpans } = exported.parse(JSON.parse(text));
    batches.push(resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)).length);
    for (const { resource, scopeSpans } of resourceSpans) {
      versions.add(resource.attributes.find(({ key }) => key === "service.version")?.value.stringValue);
      namespaces.add(resource.attributes.find(({ key }) => key === "service.namespace")?.value.stringValue);
      services.add(resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue);
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.setHeader("content-type", "application/json").end("{}");
  });
});

const secret = "a text that nobody else should read";

// One process lives and ends; then its spans are looked at.
beforeAll(async () => {
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const address = collector.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  directory = await temporaryDirectory();
  server = await spawnServer(directory, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_SERVICE_NAME: "our-search",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=another,service.namespace=tests",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "8",
  });
  const { id } = await createLibrary(server.url);
  const url = `${server.url}/v1/libraries/${id}`;
  const vectors = await createLibrary(server.url, { embedding_model: "none", dimension: 4 });
  await post(`${url}/documents`, { title: "T", text: secret }, { traceparent: traceparent("a") });
  await post(`${url}/search`, { query: secret }, { traceparent: traceparent("b"), "x-request-id": "req-b" });
  await (await uploadTo(uploadUrl(server.url, vectors.id), line(), { traceparent: traceparent("c") })).text();
  await fetch(`${server.url}/no/such/place?secret=1`, { headers: { traceparent: traceparent("f") } });
  await fetch(`${server.url}/v1/libraries/${vectors.id}?secret=1`, { headers: { traceparent: traceparent("1") } });
  const socket = await TestSocket.open(`${url.replace("http", "ws")}/ws`);
  const send = (request: Readonly<Record<string, unknown>>) => socket.socket.send(JSON.stringify(request));
  const search = { action: "search", data: { query_text: secret } };
  send({ request_id: "s1", ...search, traceparent: traceparent("d") });
  send({ request_id: "s2", ...search, traceparent: "nonsense" });
  send({ request_id: "s3", action: "get", data: { document_id: id }, traceparent: traceparent("e") });
  for (const request of ["s1", "s2", "s3"]) await socket.wait(({ request_id }) => request_id === request);
  await socket.close();
  await server.stop();
});
afterAll(async () => {
  collector.close();
  await rm(directory, { recursive: true, force: true });
});

const ofTrace = (digit: string) => spans.filter(({ traceId }) => traceId === traceOf(digit));

function find(digit: string, name: string): Span {
  const found = ofTrace(digit).find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new Error(
      `No ${name} among ${ofTrace(digit)
        .map((candidate) => candidate.name)
        .join(", ")}`,
    );
  }
  return found;
}

const value = (from: Span, key: string) => {
  const found = from.attributes.find((candidate) => candidate.key === key)?.value;
  return found?.stringValue ?? found?.intValue;
};

describe("Traces", () => {
  it("are exported under the name of the service", () => {
    expect([...services]).toEqual(["our-search"]);
    expect([...versions]).toEqual([manifest.version]);
    expect([...namespaces]).toEqual(["tests"]);
  });

  it("are sent in batches of the size that was set", () => {
    expect(batches.length).toBeGreaterThan(1);
    expect(Math.max(...batches)).toBeLessThanOrEqual(8);
  });

  it("go on from the client's span over HTTP, down to the model and the store", () => {
    const request = find("b", "POST /v1/libraries/:library_id/search");
    expect(request).toMatchObject({ parentSpanId: parentSpan, kind: 2 });
    expect(value(request, "http.response.status_code")).toBe(200);
    expect(value(request, "arrwdb.request_id")).toBe("req-b");
    expect(find("b", "embed").parentSpanId).toBe(request.spanId);
    expect(find("b", "search").parentSpanId).toBe(request.spanId);
  });

  it("name addresses as the semantic conventions do, and no route where none was matched", () => {
    const unmatched = find("f", "GET");
    expect(value(unmatched, "http.route")).toBeUndefined();
    expect(value(unmatched, "url.path")).toBe("/no/such/place");
    expect(value(unmatched, "url.scheme")).toBe("http");
    expect(value(unmatched, "http.request.method")).toBe("GET");
    expect(value(unmatched, "http.response.status_code")).toBe(404);
    const matched = find("1", "GET /v1/libraries/:library_id");
    expect(value(matched, "http.route")).toBe("/v1/libraries/:library_id");
    expect(value(matched, "url.path")).toMatch(/^\/v1\/libraries\/[0-9a-f-]{36}$/);
    expect(value(matched, "url.scheme")).toBe("http");
  });

  it("show what a write does", () => {
    const request = find("a", "POST /v1/libraries/:library_id/documents");
    expect(find("a", "embed").traceId).toBe(request.traceId);
    expect(find("a", "commit").parentSpanId).toBe(request.spanId);
    expect(value(find("a", "commit"), "arrwdb.documents")).toBe(1);
  });

  it("show the commits of an upload", () => {
    const request = find("c", "POST /v1/libraries/:library_id/documents/stream");
    expect(find("c", "commit").parentSpanId).toBe(request.spanId);
  });

  it("go on from the client's span in a WebSocket request", () => {
    const request = find("d", "websocket search");
    expect(request).toMatchObject({ parentSpanId: parentSpan, kind: 2 });
    expect(value(request, "arrwdb.request_id")).toBe("s1");
    expect(find("d", "search").parentSpanId).toBe(request.spanId);
  });

  it("begin anew where the client's is not well-formed", () => {
    const request = spans.find((candidate) => value(candidate, "arrwdb.request_id") === "s2");
    expect(request).toMatchObject({ name: "websocket search" });
    expect(request?.parentSpanId ?? "").toBe("");
  });

  it("mark what failed by its code", () => {
    const request = find("e", "websocket get");
    // That there is no such document is an answer.
    expect(request.status.code ?? 0).toBe(0);
    expect(value(request, "error.type")).toBe("document_not_found");
  });

  it("hold no text", () => {
    expect(bodies.join("")).not.toContain(secret);
  });
});

it("A collector that is not there does not hold the server up", async () => {
  const gone = createTcpServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const address = gone.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  gone.close();
  await once(gone, "close");
  const own = await temporaryDirectory();
  const other = await spawnServer(own, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  expect((await fetch(`${other.url}/health`)).status).toBe(200);
  const exited = once(other.process, "exit");
  await other.stop();
  expect(await exited).toEqual([0, null]);
  await rm(own, { recursive: true, force: true });
});
