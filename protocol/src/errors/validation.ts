import { cut } from "./cut.ts";
import type { z } from "zod";
import { ArrwError } from "./errors.ts";
import { fieldPath } from "./field-path.ts";

/** Names are the client's to choose, and need not be repeated to their end. */
const shownPath = (path: readonly PropertyKey[]) =>
  fieldPath(path.map((part) => (typeof part === "string" ? cut(part) : part)));

/** What other databases call fields, by the names that they have here. */
const namesElsewhere: ReadonlyMap<PropertyKey, string> = new Map([
  ["filter", "metadata_filter"],
  ["where", "metadata_filter"],
  ["top_k", "k"],
  ["vector", "embedding"],
]);

/** Unknown fields that a message names. */
const shownKeys = 5;

/** The first issue of a failed parse as one sentence that begins with the field. */
function describe(error: z.ZodError): { field: string | undefined; message: string } {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return { field: undefined, message: "The request is not valid." };
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.slice(0, shownKeys).map((key) => shownPath([...issue.path, key]));
    const others = issue.keys.length - keys.length;
    const more = others === 0 ? "" : ` and ${others} more`;
    const [first = ""] = issue.keys;
    const name = namesElsewhere.get(first);
    const remedy =
      name === undefined ? "remove it or check its spelling" : `${name} is what it is called here, where it exists`;
    return { field: keys[0], message: `${keys.join(", ")}${more}: unknown field; ${remedy}` };
  }
  const field = shownPath(issue.path);
  if (typeof issue.input === "bigint" && issue.code === "invalid_type" && issue.expected !== "string") {
    const message = `is beyond ${Number.MAX_SAFE_INTEGER}, the largest integer accepted`;
    return { field, message: `${field}: ${message}` };
  }
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
    const message = `must be ${withArticle(issue.expected)}, but is ${kindOf(issue.input)}`;
    return field === ""
      ? { field: undefined, message: `The request ${message}` }
      : { field, message: `${field}: ${message}` };
  }
  return {
    field: field === "" ? undefined : field,
    message: field === "" ? issue.message : `${field}: ${issue.message}`,
  };
}

const withArticle = (word: string) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : withArticle(typeof value);
}

type Issue = z.core.$ZodIssue;

/** Inside a union, the issues of the branch that came closest are more helpful than "Invalid input". */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== "invalid_union" || issue.errors.length === 0) return issue;
  if (issue.message !== "Invalid input") return issue;
  const branches = issue.errors.flatMap((branch) => (branch[0] === undefined ? [] : [branch[0]]));
  const closest = branches.toSorted((a, b) => b.path.length - a.path.length)[0];
  return closest === undefined ? issue : deepest({ ...closest, path: [...issue.path, ...closest.path] });
}

/**
 * Checks a value that came over the wire.
 *
 * @throws ArrwError `validation_failed` naming the first field at fault.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const { field, message } = describe(result.error);
  throw new ArrwError("validation_failed", message, { field });
}
