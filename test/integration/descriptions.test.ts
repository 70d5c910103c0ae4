import { Parser } from "@asyncapi/parser";
import { asyncApiDocument } from "@arrwdb/protocol/description/asyncapi";
import { componentsOf, reference } from "@arrwdb/protocol/description/components";
import { namedEntries } from "@arrwdb/protocol/description/schemas/named-schemas";
import { errorsOf, openApiDocument } from "@arrwdb/protocol/description/openapi";
import { actions, serverMessages } from "@arrwdb/protocol/websocket/messages";
import type { Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import { errorTable } from "@arrwdb/protocol/errors/error-table";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startServer } from "../support/server/test-server.ts";

const openApi = openApiDocument();
const asyncApi = asyncApiDocument();

/** Every address that stands in `$ref`, at any depth. */
function referencesOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
    key === "$ref" && typeof part === "string" ? [part] : referencesOf(part),
  );
}

/** What stands at such an address. */
function lookUp(document: unknown, address: string): unknown {
  const parts = address.split("/").slice(1);
  return parts.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    document,
  );
}

const content = z.record(z.string(), z.looseObject({ schema: z.unknown() }));
const described = z.looseObject({
  operationId: z.string(),
  responses: z.record(
    z.string(),
    z.looseObject({
      headers: z.record(z.string(), z.unknown()),
      content: content.optional(),
      "x-alternatives": content.optional(),
    }),
  ),
});
const paths = z.record(z.string(), z.record(z.string(), described));

/** The media types of a response: JSON alone where there is JSON, so that a generated client has one type. */
function describedTypes(operation: Operation, status: number): readonly string[] {
  const types = Object.keys(operation.answers[status]?.content ?? {});
  return types.includes("application/json") ? ["application/json"] : types;
}

describe("The description of HTTP", () => {
  it("is OpenAPI 3.1, as a validator sees it", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(openApi));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(validator.version).toBe("3.1");
  });

  it("refers to what is there", () => {
    expect([...new Set(referencesOf(openApi))].filter((address) => lookUp(openApi, address) === undefined)).toEqual([]);
  });

  it.each(Object.values<Operation>(operations))("has $id with its answers and all its errors", (operation) => {
    const one = paths.parse(openApi["paths"])[operation.path]?.[operation.method.toLowerCase()];
    expect(one?.operationId).toBe(operation.id);
    for (const code of errorsOf(operation)) {
      const { status } = errorTable[code];
      const answer = one?.responses[String(status)];
      const beside = describedTypes(operation, status);
      expect(Object.keys(answer?.content ?? {})).toEqual([...beside, "application/problem+json"]);
      expect(answer?.content?.["application/problem+json"]?.["examples"]).toHaveProperty(code);
      expect(Object.keys(answer?.headers ?? {})).toContain("x-request-id");
      if (status === 429 || status === 503) expect(Object.keys(answer?.headers ?? {})).toContain("retry-after");
    }
    for (const [status, answer] of Object.entries(operation.answers)) {
      const response = one?.responses[status];
      const others = response?.["x-alternatives"] ?? {};
      const types = Object.keys(response?.content ?? {}).filter((type) => type !== "application/problem+json");
      expect(types).toEqual(describedTypes(operation, Number(status)));
      expect(new Set([...types, ...Object.keys(others)])).toEqual(new Set(Object.keys(answer.content)));
    }
  });
});

describe("The description of HTTP, to programs that make clients from it", () => {
  const parameter = z.looseObject({ name: z.string(), schema: z.looseObject({ examples: z.array(z.unknown()) }) });
  const parameters = z
    .record(z.string(), z.record(z.string(), z.looseObject({ parameters: z.array(parameter) })))
    .parse(openApi["paths"]);
  const all = Object.values(parameters).flatMap((methods) => Object.values(methods).flatMap((one) => one.parameters));

  it("shows parameters that are as it says", () => {
    const ajv = new Ajv2020({ strict: false });
    const wrong = all.filter(({ schema }) => !schema.examples.every((example) => ajv.validate(schema, example)));
    expect(wrong.map(({ name, schema }) => [name, schema])).toEqual([]);
  });

  it("has truths and positions of a query as what they are, though an address is text", () => {
    const typed = new Set(all.map(({ name, schema }) => `${name}: ${String(schema["type"])}`));
    for (const one of ["vectors", "errors_only", "explain"]) expect(typed).toContain(`${one}: boolean`);
    for (const one of ["from_seq", "limit", "before"]) expect(typed).toContain(`${one}: integer`);
  });

  it("says of objects with any fields that they may have any", () => {
    const schemas = componentsOf([openApi, asyncApi]);
    const isSilent = (value: unknown): boolean => {
      if (typeof value !== "object" || value === null) return false;
      const shape = new Map<string, unknown>(Object.entries(value));
      const says = ["properties", "additionalProperties", "propertyNames", "const"].some((key) => shape.has(key));
      return (shape.get("type") === "object" && !says) || [...shape.values()].some(isSilent);
    };
    expect(Object.keys(schemas).filter((name) => isSilent(schemas[name]))).toEqual([]);
  });

  it("says in one schema what may be null too", () => {
    const parts = z.array(z.looseObject({ type: z.string().optional(), enum: z.unknown() }));
    const isApart = (value: unknown): boolean => {
      if (typeof value !== "object" || value === null) return false;
      const { data = [] } = parts.safeParse(Reflect.get(value, "anyOf"));
      const others = data.filter(({ type }) => type !== "null");
      const isPlain = others.length === 1 && others[0]?.type !== undefined && others[0].enum === undefined;
      return (data.length === 2 && isPlain) || Object.values(value).some(isApart);
    };
    const schemas = componentsOf([openApi, asyncApi]);
    expect(Object.keys(schemas).filter((name) => isApart(schemas[name]))).toEqual([]);
    expect(schemas["Search"]).toMatchObject({ properties: { min_seq: { type: ["integer", "null"], minimum: 0 } } });
  });

  it("has types that the parts of a problem have in common", () => {
    const parts = z.looseObject({ allOf: z.tuple([z.unknown(), z.object({ properties: z.unknown() }).loose()]) });
    for (const methods of Object.values(paths.parse(openApi["paths"]))) {
      for (const { responses } of Object.values(methods)) {
        for (const [status, { content: told = {} }] of Object.entries(responses)) {
          const one = told["application/problem+json"]?.schema;
          if (one === undefined) continue;
          const { properties } = parts.parse(one).allOf[1];
          expect(properties).toMatchObject({
            status: { type: "integer", enum: [Number(status)] },
            code: { type: "string" },
          });
        }
      }
    }
  });
});

describe("The description of the WebSocket", () => {
  it("is AsyncAPI 3, as a validator sees it", async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApi));
    // Advice, and nothing else: what is written is version 3.0.
    expect(diagnostics.map(({ code }) => code)).toEqual(["asyncapi-latest-version"]);
    expect(document?.version()).toBe("3.0.0");
  });

  it("refers to what is there, and knows each action and each message", () => {
    expect([...new Set(referencesOf(asyncApi))].filter((address) => lookUp(asyncApi, address) === undefined)).toEqual(
      [],
    );
    const asked = Object.keys(actions).flatMap((action) => [`${action}.request`, `${action}.response`]);
    const messages = Object.keys(Object(lookUp(asyncApi, "#/components/messages")));
    expect(messages).toEqual([...asked, "failure", ...Object.keys(serverMessages)]);
  });
});

describe("Examples", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({
    $id: "components",
    components: { schemas: componentsOf(namedEntries.map(({ schema }) => reference(schema))) },
  });

  const shown = namedEntries.flatMap(({ name, schema, example, lines = [] }) =>
    (example === undefined ? lines : [example, ...lines]).map((value) => ({ name, schema, value })),
  );

  const reshaped = new Set([
    "DocumentInput",
    "DocumentPatch",
    "DocumentPatching",
    "DocumentsPatch",
    "Search",
    "SocketSearch",
  ]);

  it.each(shown)("of $name are what the schema says, all of it and nothing else", ({ name, schema, value }) => {
    const parsed: unknown = schema.parse(value);
    // What clients send comes out in another shape; what the server sends stays what it is.
    if (!reshaped.has(name)) expect(parsed).toEqual(value);
    const validate = ajv.compile({ $ref: `components#/components/schemas/${name}` });
    validate(value);
    expect(validate.errors).toBeNull();
  });

  it("stand for everything that an operation or an action takes or gives", () => {
    const all = [...referencesOf(openApi["paths"]), ...referencesOf(Object(asyncApi["components"]).messages)];
    const used = new Set(all.map((address) => address.split("/").at(-1)));
    const missing = namedEntries.filter(
      ({ name, example, lines }) => used.has(name) && example === undefined && lines === undefined,
    );
    expect(missing).toEqual([]);
  });
});

it("The server gives both descriptions as they are", async () => {
  const server = await startServer();
  try {
    const read = async (path: string): Promise<unknown> => (await fetch(`${server.url}${path}`)).json();
    expect(await read("/openapi.json")).toEqual(JSON.parse(JSON.stringify(openApi)));
    expect(await read("/asyncapi.json")).toEqual(JSON.parse(JSON.stringify(asyncApi)));
  } finally {
    await server.stop();
  }
});
