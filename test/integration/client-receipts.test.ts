import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { ArrwClient, type LineResult } from "arrwdb-client";
import { afterEach, expect, it } from "vitest";
import { failureOf } from "../support/peers/test-client.ts";

type Line = Readonly<Record<string, unknown>>;

let server: Server;

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

/** A server that tells of each upload what it is made to tell. */
async function uploading(answer: (lines: readonly Line[]) => readonly Line[]): Promise<readonly LineResult[]> {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const lines = body.split("\n").flatMap((line, index): Line[] =>
        line === ""
          ? []
          : [
              {
                success: true,
                line: index + 1,
                document_id: `d${index + 1}`,
                title: "t",
                num_chunks: 1,
                seq: index + 2,
              },
            ],
      );
      const told = [
        ...answer(lines),
        { summary: { successful: lines.length, failed: 0, seq: 9, processing_time_ms: 1 } },
      ];
      response.setHeader("content-type", "application/x-ndjson");
      return response.end(told.map((line) => `${JSON.stringify(line)}\n`).join(""));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server does not listen");
  const client = new ArrwClient({
    url: `http://127.0.0.1:${address.port}`,
    reconnect: { minDelay: 1, maxDelay: 1, maxAttempts: 3 },
  });
  const results: LineResult[] = [];
  const documents = ["one", "two", "three"].map((title) => ({ title, texts: [title] }));
  for await (const result of client.library("l").ingest(documents)) results.push(result);
  return results;
}

const idsOf = (results: readonly LineResult[]) => results.map((result) => result.success && result.document_id);

it("pairs receipts with documents by their line, in whatever order they come", async () => {
  expect(idsOf(await uploading((lines) => lines.toReversed()))).toEqual(["d1", "d2", "d3"]);
});

it("asks again for lines that were left out", async () => {
  expect(idsOf(await uploading((lines) => lines.slice(0, 2)))).toEqual(["d1", "d2", "d3"]);
});

it.each<[string, (lines: readonly Line[]) => readonly Line[]]>([
  ["a line twice", (lines) => [...lines, ...lines.slice(0, 1)]],
  ["a line that was not sent", (lines) => [...lines, { ...lines[0], line: 4 }]],
  ["a line 0", (lines) => [{ ...lines[0], line: 0 }, ...lines.slice(1)]],
  ["no line", (lines) => [{ ...lines[0], line: undefined }, ...lines.slice(1)]],
  ["nothing of one line, however often it is asked", (lines) => lines.filter(({ line }) => line !== 2)],
])("ends with an error where the answer tells of %s", async (_, answer) => {
  expect(await failureOf(uploading(answer))).toMatchObject({ code: "protocol" });
});
