import { once } from "node:events";
import { connect } from "node:net";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createVectorLibrary, startServer } from "../support/server/test-server.ts";
import { line } from "../support/peers/upload.ts";

let url: string;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ url, stop } = await startServer({}, { limits: { spoolLimit: 2_000, stallTimeout: 300 } }));
});
afterAll(() => stop());

const head = (id: string, length: number) =>
  `POST /v1/libraries/${id}/documents/stream HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${length}\r\n\r\n`;

async function answerTo(text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (data: Buffer) => (answer += data.toString()));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

it("tells a client that stopped sending which lines were committed", async () => {
  const { id } = await createVectorLibrary(url);
  const answer = await answerTo(`${head(id, 100_000)}${line({ title: "whole" })}\n{"title": "ha`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  // The answer is sent in chunks, each behind a line with its length.
  const [, ...parts] = (answer.split("\r\n\r\n")[1] ?? "").split(/(?:^|\r\n)[0-9a-f]+\r\n/);
  const body = parts.join("").replace(/\r\n0$/, "");
  expect(ingestionResponse.parse(JSON.parse(body))).toMatchObject({
    successful: 1,
    failed: 0,
    aborted: { error_code: "upload_stalled" },
  });
});

it("answers a client that sends nothing with 408", async () => {
  const { id } = await createVectorLibrary(url);
  const answer = await answerTo(head(id, 100));
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain("upload_stalled");
});

it("ends an upload whose results nobody could keep, and tells what came of the lines that it read", async () => {
  const { id } = await createVectorLibrary(url);
  const body = "x\n".repeat(100_000);
  const response = await fetch(`${url}/v1/libraries/${id}/documents/stream`, { method: "POST", body });
  const answer = ingestionResponse.parse(await response.json());
  expect(answer.aborted).toMatchObject({ error_code: "answer_too_large" });
  expect(answer.results).toHaveLength(answer.failed);
  expect(answer.failed).toBeGreaterThan(5);
  expect(answer.failed).toBeLessThan(1_000);
});
