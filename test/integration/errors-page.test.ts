import { readFile } from "node:fs/promises";
import { type ErrorDefinition, errorTable } from "@arrwdb/protocol/errors/error-table";
import { describe, expect, it } from "vitest";

const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");

/** `| code | status | close code | retryable | meaning | remedy |` */
const row =
  /^\| `(?<code>\w+)` \| (?<status>\d{3}) \| (?<close>\d{4}|–) \| (?<retryable>yes|no) \| (?<meaning>.+?) \| (?<remedy>.+) \|$/gm;

interface Row extends ErrorDefinition {
  readonly code: string;
  readonly remedy: string;
}

function toRow({ groups = {} }: RegExpMatchArray): Row {
  const { code = "", status, close, retryable, meaning = "", remedy = "" } = groups;
  return {
    code,
    status: Number(status),
    ...(close === "–" ? {} : { close: Number(close) }),
    retryable: retryable === "yes",
    meaning,
    remedy,
  };
}

const rows = [...page.matchAll(row)].map(toRow);

describe("The page of errors", () => {
  it("has one row for each code, and no other", () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(errorTable));
  });

  it.each(Object.entries<ErrorDefinition>(errorTable))("tells of %s what the server does", (code, definition) => {
    const found = rows.find((candidate) => candidate.code === code);
    expect(found).toEqual({ code, ...definition, remedy: expect.stringMatching(/\.$/) });
  });
});
