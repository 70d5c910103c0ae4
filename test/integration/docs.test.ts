import { rm } from "node:fs/promises";
import { libraryEvent } from "@arrwdb/protocol/events";
import { filter } from "@arrwdb/protocol/filter";
import { failure, ingestionResponse, ingestionSummaryLine, receipt } from "@arrwdb/protocol/ingestion";
import { actions, failureResponse, isAction, requestEnvelope, successResponse } from "@arrwdb/protocol/messages";
import { createLibraryRequest, document, documentInput, documentSummary, library } from "@arrwdb/protocol/model";
import { problem } from "@arrwdb/protocol/problem";
import { searchHit, searchRequest, searchResponse, searchSummaryLine } from "@arrwdb/protocol/search";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Block, pythonMissing, Reader, readPages } from "../support/pages.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server.ts";

const runnable: ReadonlySet<string> = new Set(["bash", "javascript", "python"]);
const guides = await readPages("README.md");
const allPages = await readPages("README.md", "PROTOCOL.md", "ARCHITECTURE.md", "CONTRIBUTING.md");
const noPython = await pythonMissing();

/** What clients send; only whether it is accepted counts. */
const requests: Readonly<Record<string, z.ZodType>> = {
  createLibraryRequest,
  documentInput,
  filter,
  searchRequest,
};

/** What the server sends; it has to be shown with all its fields and no other. */
const answers: Readonly<Record<string, z.ZodType>> = {
  document,
  documentSummary,
  event: libraryEvent,
  failure,
  failureResponse,
  ingestionResponse,
  library,
  problem,
  searchResponse,
  searchLine: z.union([searchHit, searchSummaryLine]),
  uploadLine: z.union([receipt, failure, ingestionSummaryLine]),
};

function checkJson(marker: string, value: unknown): void {
  const [kind = "", name = ""] = marker.split(" ");
  if (kind === "request") {
    const { action, data } = requestEnvelope.parse(value);
    expect(action).toBe(name);
    if (isAction(action)) actions[action].request.parse(data ?? {});
  } else if (kind === "response" && isAction(name)) {
    const { data } = successResponse.strict().parse(value);
    expect(actions[name].response.parse(data)).toEqual(data);
  } else if (requests[kind] !== undefined) {
    requests[kind].parse(value);
  } else {
    expect(answers[kind], `no schema is known for the marker "${marker}"`).toBeDefined();
    expect(answers[kind]?.parse(value)).toEqual(value);
  }
}

const valuesOf = ({ language, text }: Block): readonly unknown[] =>
  (language === "json" ? [text] : text.trim().split("\n")).map((json): unknown => JSON.parse(json));

describe.each(allPages)("The JSON on $name", ({ blocks }) => {
  const examples = blocks.filter(({ language }) => language === "json" || language === "ndjson");

  it.each(examples)("in line $line is what the schema says ($marker)", (block) => {
    for (const value of valuesOf(block)) checkJson(block.marker, value);
  });

  it("shows the time of each block in a language that is checked or left alone on purpose", () => {
    const known = new Set([...runnable, "json", "ndjson", "sh", "text", "ts", "mermaid"]);
    expect(blocks.filter(({ language }) => !known.has(language))).toEqual([]);
  });
});

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe.each(guides)("The examples on $name", ({ blocks }) => {
  const examples = blocks.filter(({ language }) => runnable.has(language));
  let directory: string;
  let reader: Reader;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    reader = new Reader(directory, server.url);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each(examples)("run as they stand in line $line ($language)", async (block) => {
    const skipped = block.language === "python" ? noPython : undefined;
    if (skipped !== undefined) return expect.soft(skipped).toBeTypeOf("string");
    const printed = await reader.run(block);
    if (block.output !== undefined) expect(printed.trim()).toBe(block.output.trim());
  });
});
