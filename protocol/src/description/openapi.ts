import type { z } from "zod";
import { type ErrorCode, errorTable } from "../errors/error-table.ts";
import { ArrwError } from "../errors/errors.ts";
import { type Chapter, commonErrors, type Content, ignored, type Operation } from "../operations/operation.ts";
import { operations } from "../operations/operations.ts";
import { problem, toProblem } from "../errors/problem.ts";
import { protocolVersion } from "../version.ts";
import { componentsOf, fieldsOf, type Json, reference, isJson } from "./components.ts";
import { fieldExamples, parameterExamples } from "./parameter-examples.ts";
import { exampleOf, linesOf, nameOf } from "./schemas/named-schemas.ts";

/** What the chapters are about. */
export const chapters: Readonly<Record<Chapter, string>> = {
  Libraries: "Collections of documents, each with its own embedding model and index.",
  Documents: "A title, chunks of text with their vectors, and metadata.",
  Search: "Find chunks by text or vector.",
  Events: "Every change to a library, numbered without gaps, live or from a position.",
  Webhooks: "URLs that receive signed calls for the events of a library.",
  WebSocket: "Requests, events, live queries and rooms over one connection.",
  "Model Context Protocol": "Tools for language models.",
  Access: "API keys, their permissions, and the audit trail.",
  Server: "The server itself.",
};

/** Media types that carry many values, each for itself. */
const sequences: Readonly<
  Record<string, { readonly each: string; readonly show: (values: readonly unknown[]) => string }>
> = {
  "application/x-ndjson": {
    each: "line is a",
    show: (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(""),
  },
  "text/event-stream": {
    each: "event's data is a",
    show: (values) => values.map((value, index) => `id: ${index + 2}\ndata: ${JSON.stringify(value)}\n\n`).join(""),
  },
};

function mediaTypeOf(type: string, schema: z.ZodType): Json {
  const sequence = sequences[type];
  if (sequence !== undefined) {
    const description = `Each ${sequence.each} \`${nameOf(schema)}\`.`;
    // What OpenAPI 3.2 has `itemSchema` for.
    const parts = { "x-itemSchema": reference(schema), example: sequence.show(linesOf(schema)) };
    return { schema: { type: "string", description }, ...parts };
  }
  return type === "application/json"
    ? { schema: reference(schema), example: exampleOf(schema) }
    : { schema: { type: "string" } };
}

const contentOf = (content: Content): Json =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, mediaTypeOf(type, schema)]));

/**
 * A response with JSON and other media types is described as JSON, which is what a request without `Accept` is answered with:
 * generators would make one type of both, which no program can use. The others are `x-alternatives`.
 */
function answerContentOf(content: Content): Json {
  const { "application/json": json, ...others } = content;
  if (json === undefined || Object.keys(others).length === 0) return { content: contentOf(content) };
  return { content: contentOf({ "application/json": json }), "x-alternatives": contentOf(others) };
}

const alternativesOf = ({ "application/json": json, ...others }: Content): string =>
  json === undefined
    ? ""
    : Object.entries(others)
        .map(([type, schema]) => {
          const sequence = sequences[type];
          const form = sequence === undefined ? "another form" : `each ${sequence.each} \`${nameOf(schema)}\``;
          return `. With \`Accept: ${type}\`, ${form}`;
        })
        .join("");

const header = (description: string, schema: Json = { type: "string" }): Json => ({ description, schema });

function fieldsIn(place: string, schema: z.ZodType, shown: Readonly<Record<string, unknown>>): readonly Json[] {
  return [...fieldsOf(schema)].map(
    ([
      name,
      {
        schema: { description, ...field },
        required,
      },
    ]) => ({
      name,
      in: place,
      required: place === "path" || required,
      ...(description === undefined ? {} : { description }),
      // Inside the schema: tools would send an example beside it by default.
      schema: { ...field, examples: [shown[name]] },
    }),
  );
}

function parametersOf({ parameters, query, headers }: Operation): readonly Json[] {
  return [
    ...fieldsIn("path", parameters, parameterExamples),
    ...fieldsIn("query", query, fieldExamples),
    ...fieldsIn("header", headers, fieldExamples),
  ];
}

function requestOf(operation: Operation): Json {
  const content = operation.stream ?? (operation.body === ignored ? undefined : { "application/json": operation.body });
  return content === undefined ? {} : { requestBody: { required: true, content: contentOf(content) } };
}

function answersOf(operation: Operation): Json {
  return Object.fromEntries(
    Object.entries(operation.answers).map(([status, { description, content, headers = {} }]) => [
      status,
      {
        description: description + alternativesOf(content),
        headers: {
          "x-request-id": { $ref: "#/components/headers/RequestId" },
          ...Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, header(text)])),
        },
        ...(Object.keys(content).length === 0 ? {} : answerContentOf(content)),
      },
    ]),
  );
}

/** The errors with one status, as a response. */
function problemsOf(status: number, codes: readonly ErrorCode[]): Json {
  const waits = status === 429 || status === 503;
  return {
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].meaning}`).join("\n\n"),
    headers: {
      "x-request-id": { $ref: "#/components/headers/RequestId" },
      ...(waits ? { "retry-after": { $ref: "#/components/headers/RetryAfter" } } : {}),
    },
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            reference(problem),
            // Not `const`, which some generators cannot bring together with a type.
            {
              type: "object",
              properties: { status: { type: "integer", enum: [status] }, code: { type: "string", enum: codes } },
            },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

/** All that an operation can be refused with, each once. */
export function errorsOf(operation: Operation): readonly ErrorCode[] {
  return [...new Set<ErrorCode>([...operation.errors, ...commonErrors])];
}

function refusalsOf(operation: Operation): Json {
  const byStatus = Map.groupBy(errorsOf(operation), (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([one], [other]) => one - other)
      .map(([status, codes]) => [status, problemsOf(status, codes)]),
  );
}

/** If an error shares its status with a response of the operation, both are documented. */
function responsesOf(answers: Json, refusals: Json): Json {
  const merged: Record<string, unknown> = { ...answers };
  for (const [status, refusal] of Object.entries(refusals)) {
    const answer = answers[status];
    merged[status] =
      isJson(answer) && isJson(refusal)
        ? { ...refusal, content: { ...Object(answer["content"]), ...Object(refusal["content"]) } }
        : refusal;
  }
  return merged;
}

const describe = (operation: Operation): Json => ({
  operationId: operation.id,
  tags: [operation.chapter],
  summary: operation.summary,
  ...(operation.description === undefined ? {} : { description: operation.description }),
  "x-scope": operation.scope,
  ...(operation.scope === "none" ? { security: [] } : {}),
  parameters: parametersOf(operation),
  ...requestOf(operation),
  responses: responsesOf(answersOf(operation), refusalsOf(operation)),
});

function pathsOf(all: readonly Operation[]): Json {
  const byPath = Map.groupBy(all, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, ofPath]) => [
      path,
      Object.fromEntries(ofPath.map((operation) => [operation.method.toLowerCase(), describe(operation)])),
    ]),
  );
}

/** One example of each error that the operations can end with. */
function problemExamples(all: readonly Operation[]): Json {
  const codes = [...new Set(all.flatMap(errorsOf))].toSorted();
  return Object.fromEntries(
    codes.map((code) => {
      const { meaning } = errorTable[code];
      const value = toProblem(new ArrwError(code, meaning), "01a2089b-19ee-76e8-943f-da7d9f19582b");
      return [code, { summary: code, value }];
    }),
  );
}

/**
 * Defaults in words: openapi-typescript takes a field with a `default` for one that every request has to have. A property may be
 * named `default` too; its schema is an object, unlike the defaults of our fields.
 */
function withDefaultsInWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withDefaultsInWords);
  if (!isJson(schema)) return schema;
  const converted: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, withDefaultsInWords(part)]),
  );
  const { default: preset, description } = schema;
  if (preset === undefined || isJson(preset)) return converted;
  delete converted["default"];
  const before = typeof description === "string" ? `${description}. ` : "";
  return { ...converted, description: `${before}Default: \`${JSON.stringify(preset)}\`` };
}

/** The HTTP interface as OpenAPI 3.1 has it, made from the table of operations. */
export function openApiDocument(): Json {
  const all: readonly Operation[] = Object.values(operations);
  const paths = pathsOf(all);
  return {
    openapi: "3.1.1",
    info: {
      title: "arrwDB",
      version: protocolVersion,
      summary: "A real-time vector database",
      description:
        "Stream documents in, search them by meaning, and receive changes live. Every error is an RFC 9457 problem with a stable `code`. The WebSocket API is described in [asyncapi.json](asyncapi.json).",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "This server" }],
    tags: Object.entries(chapters).map(([name, description]) => ({ name, description })),
    // A server without keys requires none.
    security: [{ apiKey: [] }, {}],
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: "An API key, as `Authorization: Bearer arrw_...`. Required if the server has an admin key.",
        },
      },
      headers: {
        RequestId: header("The id of the request, as in the server's log", { type: "string", format: "uuid" }),
        RetryAfter: header("Seconds after which to retry", { type: "integer", minimum: 0 }),
      },
      examples: problemExamples(all),
      schemas: withDefaultsInWords(componentsOf(paths)),
    },
  };
}
