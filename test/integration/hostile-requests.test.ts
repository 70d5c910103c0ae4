import { type ErrorCode, errorTable } from "@arrwdb/protocol/errors/error-table";
import { errorsOf } from "@arrwdb/protocol/description/openapi";
import { ignored, type Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { problem } from "@arrwdb/protocol/errors/problem";
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { extent } from "../support/suite/extent.ts";
import { hostileValue, type Meanings, namesOf, spoilt, validOf } from "../support/data/arbitrary.ts";
import { document, documentId, filter, usual } from "../support/data/arbitrary-documents.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";
import { adminKey, bearer, createKey, startGuardedServer } from "../support/server/access.ts";
import { createLibrary, createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";

/** Runs of each operation. */
const numRuns = extent(30, 600);

let server: TestServer;
/** Asks for keys, as every server does that one was created on. */
let guarded: TestServer;
/** A key of it that is there. */
let keyId: string;
/** Libraries that are there, with a document each; one of them has a model. */
const libraries: string[] = [];

/** A webhook of each of them, which no call ever reaches. */
const webhooks = new Map<string, string>();
const receiver = "http://nobody.invalid/";

async function addWebhook(libraryId: string): Promise<void> {
  const { id } = await new LibraryWebhooks(server.url, libraryId).create(receiver);
  webhooks.set(libraryId, id);
}

async function addLibrary(): Promise<void> {
  const { id } = libraries.length === 0 ? await createLibrary(server.url) : await createVectorLibrary(server.url);
  libraries.push(id);
  await addWebhook(id);
}

beforeAll(async () => {
  [server, guarded] = await Promise.all([startServer(), startGuardedServer()]);
  ({ id: keyId } = await createKey(guarded.url));
  for (let count = 0; count < 3; count++) await addLibrary();
});
afterAll(() => Promise.all([server.stop(), guarded.stop()]));

/** A model by chance would not be configured, and a position by chance would be waited for. */
const meanings: Meanings = {
  ...usual,
  id: fc.constant(documentId),
  min_seq: fc.constantFrom(null, 0, 1),
  embedding_model: fc.constantFrom("none", "builtin"),
  url: fc.constant(receiver),
  from_seq: fc.constantFrom(0, 1, 99),
  key: fc.constant(adminKey),
};

/** Stands for the webhook of the library beside it. */
const ownWebhook = "own webhook";
/** Stands for the key that is there. */
const ownKey = "own key";
/** Files that are served, by where they stand. */
const files: Readonly<Record<string, readonly string[]>> = {
  "/docs/assets/{file}": ["reference.js", "reference.css"],
  "/docs/guide/{page}": ["quick-start", "protocol"],
  "/docs/guide/images/{image}": ["console.png"],
  "/assets/{file}": readdirSync(new URL("../../console/dist/assets", import.meta.url)).filter((name) =>
    /\.(js|css)$/.test(name),
  ),
};

const present = (parameter: string, path: string): fc.Arbitrary<string> => {
  if (parameter === "library_id") return fc.nat().map((index) => libraries[index % libraries.length] ?? "");
  if (parameter === "webhook_id") return fc.constant(ownWebhook);
  if (parameter === "key_id") return fc.constant(ownKey);
  return fc.constantFrom(...(files[path] ?? [documentId]));
};

/** Ids that are there, ids that are not, and what is none. */
const pathValue = (parameter: string, path: string) =>
  fc.oneof(
    { weight: 6, arbitrary: present(parameter, path) },
    { weight: 1, arbitrary: fc.uuid() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "nonsense",
        "%00",
        "..%2f..",
        "\u0000",
        "{library_id}",
        "😀",
        "a".repeat(150),
        "null",
        "__proto__",
      ),
    },
  );

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)) ?? "";

/** A header can carry visible ASCII alone. */
const headerText = (value: unknown) =>
  text(value)
    .replaceAll(/[^\u0020-\u007e]/g, "?")
    .slice(0, 1_000)
    .trim();

function queryOf(schema: z.ZodType): fc.Arbitrary<string> {
  const names = namesOf(schema);
  const valid = validOf(schema, {
    ...meanings,
    metadata_filter: filter.map((value) => JSON.stringify(value)),
    events: fc.constantFrom("document.added", "document.added,library.updated"),
    from_seq: fc.constantFrom("0", "1"),
  });
  const fields =
    schema === ignored
      ? fc.constant({})
      : fc.oneof(
          { weight: 2, arbitrary: valid },
          // What asks for nothing special succeeds, unless it must.
          { weight: 2, arbitrary: fc.constant({}) },
          { weight: 1, arbitrary: spoilt(valid, names) },
        );
  return fields.map((value) => {
    const entries = Object.entries(Object(value)).slice(0, 20);
    const search = new URLSearchParams(
      entries.map(([key, part]): [string, string] => [key, text(part).slice(0, 2_000)]),
    );
    return search.size === 0 ? "" : `?${search.toString()}`;
  });
}

const embedding = [1, 0, 0, 0];
const plainDocument = { title: "T", chunks: [{ text: "x", embedding }] };
/** What succeeds in the libraries of vectors, as chance alone makes that seldom. */
const plain: Readonly<Record<string, unknown>> = {
  search: { embedding },
  searchStream: { embedding },
  searchBatch: { searches: [{ embedding }, { embedding: [1] }] },
  addDocument: plainDocument,
  queryDocuments: {},
  deleteDocuments: { confirm: "all" },
  patchDocument: { tags: ["x"] },
  patchDocuments: { confirm: "all", patch: { tags: ["x"] } },
  putDocument: plainDocument,
};

function bodyOf(operation: Operation): fc.Arbitrary<Sent["body"]> {
  const { body, stream } = operation;
  const schema = stream === undefined ? body : Object.values(stream)[0];
  if (schema === undefined || schema === ignored) {
    return operation.method === "DELETE" ? fc.constantFrom(undefined, "{}", "{oops") : fc.constant(undefined);
  }
  const made = schema === operations.addDocument.body ? document : validOf(schema, meanings);
  const valid = plain[operation.id] === undefined ? made : fc.oneof(made, fc.constant(plain[operation.id]));
  const value = fc.oneof({ weight: 3, arbitrary: valid }, { weight: 3, arbitrary: spoilt(valid, namesOf(schema)) });
  const whole =
    stream === undefined
      ? value.map((one) => JSON.stringify(one))
      : fc
          .array(value, { minLength: 1, maxLength: 4 })
          .map((lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes)),
    fc.string(),
    fc.constantFrom(
      "",
      "{",
      '{"a":1}}',
      '{"__proto__":{"x":1}}',
      "[".repeat(10_000),
      '"\\ud800"',
      "NaN",
      "{}\n".repeat(5),
    ),
    whole.map((json) => json.slice(0, -2)),
  );
  return fc.oneof({ weight: 8, arbitrary: whole }, { weight: 1, arbitrary: broken });
}

function headersOf(operation: Operation): fc.Arbitrary<Sent["headers"]> {
  const type = operation.stream === undefined ? "application/json" : "application/x-ndjson";
  const own = Object.fromEntries(
    namesOf(operation.headers).map((name) => [
      name,
      fc.oneof(fc.constantFrom("1", "0", "key"), hostileValue.map(headerText)),
    ]),
  );
  const common = {
    accept: fc.constantFrom(
      "application/json",
      "application/x-ndjson",
      "text/event-stream",
      "*/*",
      "image/png",
      ";;q=,",
    ),
    "content-type": fc.oneof(
      { weight: 8, arbitrary: fc.constant(type) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("text/xml", "application/json; charset=latin1", "nonsense", "multipart/form-data"),
      },
    ),
    "content-encoding": fc.oneof(
      { weight: 8, arbitrary: fc.constant("identity") },
      { weight: 1, arbitrary: fc.constantFrom("gzip", "br", "zstd", "nonsense") },
    ),
  };
  return fc.record({ ...common, ...own }, { requiredKeys: ["content-type"] });
}

/** What stands at a place of a path. */
function ownOf(values: readonly string[], index: number): string {
  const value = values[index] ?? "";
  if (value === ownKey) return keyId;
  return value === ownWebhook ? (webhooks.get(values[0] ?? "") ?? documentId) : value;
}

function requestsOf(operation: Operation): fc.Arbitrary<Sent> {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return fc
    .tuple(
      fc.tuple(...names.map((name) => pathValue(name, operation.path))),
      queryOf(operation.query),
      headersOf(operation),
      bodyOf(operation),
    )
    .map(([values, query, headers, body]) => {
      const path = names.reduce(
        (address, name, index) => address.replace(`{${name}}`, encodeURIComponent(ownOf(values, index))),
        operation.path,
      );
      return { path: path + query, headers, body };
    });
}

/** Errors that a client can bring about though they are not of its making. */
const mayFail = (sent: Sent, code: ErrorCode): boolean =>
  (code === "embedder_unavailable" && String(sent.body).includes("embedding_model")) ||
  (code === "position_not_reached" && String(sent.body).includes("min_seq"));

function checkLines(schema: z.ZodType, lines: readonly string[]): void {
  const values = lines.map((line): unknown => JSON.parse(line));
  expect(values.map((value) => schema.parse(value))).toEqual(values);
}

/** The answer is one of those that the table has for the operation, to the last field. */
async function checkAnswer(operation: Operation, sent: Sent, response: Response): Promise<void> {
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const content = operation.answers[response.status]?.content;
  if (content === undefined || type === "application/problem+json") {
    const refusal: unknown = await response.json();
    expect(type).toBe("application/problem+json");
    const parsed = problem.parse(refusal);
    expect(parsed).toEqual(refusal);
    expect(errorTable[parsed.code].status).toBe(response.status);
    expect(errorsOf(operation)).toContain(parsed.code);
    if (response.status >= 500) expect([parsed.code, mayFail(sent, parsed.code)]).toEqual([parsed.code, true]);
    return;
  }
  if (Object.keys(content).length === 0) return expect(await response.text()).toBe("");
  const schema = content[type];
  if (schema === undefined) throw new Error(`${type} is not among ${Object.keys(content).join(", ")}`);
  if (type === "application/json") {
    const value: unknown = await response.json();
    expect(schema.parse(value)).toEqual(value);
  } else if (type === "application/x-ndjson") {
    checkLines(schema, (await response.text()).trimEnd().split("\n"));
  } else if (type === "text/event-stream") {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = (await reader?.read()) ?? {};
    // What answers a request, as of MCP, is no stream that anybody comes back to.
    expect(value).toMatch(operation.id === "mcp" ? /^event: \w+\n/ : /^retry: \d+\nevent: \w+\n/);
    checkLines(
      schema,
      [...value.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data),
    );
    await reader?.cancel();
  } else {
    await response.arrayBuffer();
  }
}

describe("Whatever is sent to an operation", () => {
  it.each(Object.values<Operation>(operations))("$id answers as its description says", async (operation) => {
    const counts = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(requestsOf(operation), async (sent) => {
        const { path, headers, body } = sent;
        expect.hasAssertions();
        const isGuarded = operation.chapter === "Access";
        const response = await fetch(`${isGuarded ? guarded.url : server.url}${path}`, {
          method: operation.method,
          headers: { ...headers, ...(isGuarded ? bearer(adminKey) : {}) },
          ...(body === undefined ? {} : { body }),
        });
        counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
        await checkAnswer(operation, sent, response);
        if (operation.id === "revokeKey" && response.ok) ({ id: keyId } = await createKey(guarded.url));
        const [libraryId] = path.split("/").slice(3);
        if (operation.id === "deleteWebhook" && response.ok && libraryId !== undefined) await addWebhook(libraryId);
        if (operation.id !== "deleteLibrary" || !response.ok) return;
        libraries.splice(
          libraries.findIndex((id) => path.includes(id)),
          1,
        );
        await addLibrary();
      }),
      { numRuns },
    );
    // Otherwise nothing was shown: where it can succeed at all, it has.
    const succeeds = Object.keys(operation.answers).filter((status) => status !== "101");
    if (succeeds.length > 0) expect(succeeds.some((status) => counts.has(Number(status)))).toBe(true);
  });

  it("leaves the server as it was", async () => {
    const { status } = await fetch(`${server.url}/ready`);
    expect(status).toBe(200);
  });
});
