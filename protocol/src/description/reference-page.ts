import type { ErrorCode } from "../errors/error-table.ts";
import { actions, requestErrors, serverMessages } from "../websocket/messages.ts";
import { type Chapter, type Content, ignored, type Operation } from "../operations/operation.ts";
import { operations } from "../operations/operations.ts";
import { componentsOf, fieldsOf, isJson, type Json, reference } from "./components.ts";
import { exampleOf, linesOf, namedEntries, nameOf } from "./schemas/named-schemas.ts";
import { chapters, errorsOf } from "./openapi.ts";

const code = (text: string) => `\`${text}\``;
const linkTo = (name: string) => `[${code(name)}](#${name.toLowerCase()})`;
const errorsIn = (codes: readonly ErrorCode[]) => codes.map((name) => code(name)).join(", ");

/** What a schema allows, in a few words. */
function typeOf(schema: unknown): string {
  if (!isJson(schema)) return "anything";
  const { $ref, anyOf, oneOf, type, items, minimum, maximum, minLength, maxLength, format, pattern } = schema;
  if (typeof $ref === "string") return linkTo($ref.split("/").at(-1) ?? "");
  if ("const" in schema) return code(JSON.stringify(schema["const"]));
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => code(JSON.stringify(value))).join(", ");
  const choices = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(choices)) return [...new Set(choices.map(typeOf))].join(" or ");
  if (Array.isArray(schema["allOf"])) return schema["allOf"].map(typeOf).join(" and ");
  if (Array.isArray(type)) return type.map((one: unknown) => typeOf({ ...schema, type: one })).join(" or ");
  if (type === "null") return type;
  if (type === "array") return `array of ${typeOf(items)}`;
  if (type === "string" && typeof format === "string") return format;
  if (type === "string" && typeof pattern === "string" && pattern.includes("{8}-")) return "UUID";
  if (type === "object" && isJson(schema["properties"])) {
    return `object of ${Object.keys(schema["properties"]).map(code).join(", ")}`;
  }
  const bounds = [minimum ?? minLength, maximum ?? maxLength];
  const unit = type === "string" ? " characters" : "";
  if (typeof bounds[1] === "number") return `${String(type)}, ${Number(bounds[0] ?? 0)} to ${bounds[1]}${unit}`;
  if (typeof bounds[0] === "number" && bounds[0] > 0) return `${String(type)}, at least ${bounds[0]}${unit}`;
  return typeof type === "string" ? type : "anything";
}

const descriptionOf = (schema: unknown): string =>
  isJson(schema) && typeof schema["description"] === "string" ? schema["description"] : "";

/** The default of a field, if it has one. */
const initialOf = (schema: unknown): string =>
  isJson(schema) && schema["default"] !== undefined && schema["default"] !== null
    ? `; default ${code(JSON.stringify(schema["default"]))}`
    : "";

const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const table = (head: readonly string[], rows: readonly string[]) =>
  rows.length === 0 ? [] : [row(...head), `|${"---|".repeat(head.length)}`, ...rows, ""];

function block(type: string, schema: Content[string]): readonly string[] {
  if (type === "application/json") {
    return ["```json " + nameOf(schema), JSON.stringify(exampleOf(schema), undefined, 2), "```", ""];
  }
  const lines = linesOf(schema).map((value) => JSON.stringify(value));
  return ["```ndjson " + nameOf(schema), ...lines, "```", ""];
}

function contentOf(what: string, content: Content): readonly string[] {
  return Object.entries(content).flatMap(([type, schema]) => {
    if (!["application/json", "application/x-ndjson", "text/event-stream"].includes(type)) return [];
    const each =
      type === "application/json" ? "" : type === "text/event-stream" ? ", for each event's data" : ", for each line";
    return [`${what} (${code(type)}): ${linkTo(nameOf(schema))}${each}.`, "", ...block(type, schema)];
  });
}

function rowsOf(place: string, schema: Operation["query"]): readonly string[] {
  return [...fieldsOf(schema)].map(([name, { schema: field, required }]) => {
    const isRequired = place === "path" || required ? "yes" : "no";
    return row(code(name), place, isRequired, typeOf(field) + initialOf(field), descriptionOf(field));
  });
}

function parametersOf({ parameters, query, headers }: Operation): readonly string[] {
  const rows = [...rowsOf("path", parameters), ...rowsOf("query", query), ...rowsOf("header", headers)];
  return table(["Parameter", "In", "Required", "Value", ""], rows);
}

function operationOf(operation: Operation): readonly string[] {
  const { id, method, path, summary, description, scope, body, stream, answers } = operation;
  const request = stream ?? (body === ignored ? {} : { "application/json": body });
  return [
    `### ${summary}`,
    "",
    `${code(`${method} ${path}`)}, scope ${code(scope)}, operation id ${code(id)}.`,
    "",
    ...(description === undefined ? [] : [description, ""]),
    ...parametersOf(operation),
    ...contentOf("Body", request),
    ...Object.entries(answers).flatMap(([status, answer], index) => [
      `**${status}**: ${answer.description}.`,
      "",
      ...(index === 0 ? contentOf("Response", answer.content) : []),
    ]),
    `Errors: ${errorsIn(errorsOf(operation))}.`,
    "",
  ];
}

/** The fields of an object, or of each object that a shape may be. */
function fieldsTable(schema: Json): readonly string[] {
  const { properties, required, anyOf, oneOf } = schema;
  const choices = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(choices) && choices.every((choice) => isJson(choice) && isJson(choice["properties"]))) {
    return ["One of these:", "", ...choices.filter(isJson).flatMap(fieldsTable)];
  }
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const rows = Object.entries(isJson(properties) ? properties : {}).map(([field, value]) =>
    row(code(field), needed.includes(field) ? "yes" : "no", typeOf(value) + initialOf(value), descriptionOf(value)),
  );
  if (rows.length > 0) return table(["Field", "Required", "Value", "Meaning"], rows);
  return [`${typeOf(schema).replace(/^\w/, (letter) => letter.toUpperCase())}.`, ""];
}

function shapeOf(name: string, schema: Json): readonly string[] {
  const { description } = schema;
  const text = typeof description === "string" ? [description, ""] : [];
  return [`### ${name}`, "", ...text, ...fieldsTable(schema)];
}

function webSocket(): readonly string[] {
  const asked = Object.entries(actions).map(([name, { summary, scope, request, response, errors }]) =>
    row(code(name), summary, code(scope), linkTo(nameOf(request)), linkTo(nameOf(response)), errorsIn(errors)),
  );
  const pushed = Object.entries(serverMessages).map(([name, { schema, summary }]) =>
    row(code(name), summary, linkTo(nameOf(schema))),
  );
  return [
    "## WebSocket messages",
    "",
    "Actions, with the `data` of their requests and responses. [PROTOCOL.md](../PROTOCOL.md#websocket) shows each message.",
    "",
    ...table(["Action", "Description", "Scope", "Request", "Response", "Specific errors"], asked),
    `Any request can fail with ${errorsIn(requestErrors)}.`,
    "",
    "Messages that the server sends without a request:",
    "",
    ...table(["Message", "Description", "Schema"], pushed),
  ];
}

/** The page `docs/api.md`, made from the table of operations and the schemas. */
export function referencePage(): string {
  const all: readonly Operation[] = Object.values(operations);
  const ofChapter = (chapter: Chapter) => all.filter((operation) => operation.chapter === chapter);
  const components = Object.entries(componentsOf(namedEntries.map(({ schema }) => reference(schema))));
  const lines = [
    "# API reference",
    "",
    "Every operation of the server, generated by `npm run docs:api` from the schemas that validate requests. A running",
    "server also serves it as an interactive reference at `/docs`, and in machine-readable form as `/openapi.json`",
    "(OpenAPI 3.1) and `/asyncapi.json` (AsyncAPI 3).",
    "",
    "[errors.md](errors.md) describes the error formats, and the cause and fix of each error.",
    "",
    ...[...new Set(all.map(({ chapter }) => chapter))].flatMap((chapter) => [
      `## ${chapter}`,
      "",
      chapters[chapter],
      "",
      ...ofChapter(chapter).flatMap(operationOf),
    ]),
    ...webSocket(),
    "## Schemas",
    "",
    ...components.flatMap(([name, schema]) => shapeOf(name, schema)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
