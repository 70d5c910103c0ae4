import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { ingestionSummaryLine, type LineResult, receipt, failure } from "@arrwdb/protocol/documents/ingestion";
import { z } from "zod";

type Headers = Readonly<Record<string, string>>;

const uploadLine = z.union([receipt, failure, ingestionSummaryLine]);

/** A body as it goes over the wire. */
export interface Wire {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  /** How much of the body is in so many bytes. */
  readonly bodyIn: (length: number) => Uint8Array;
}

export function ofKnownLength(body: Uint8Array): Wire {
  const headers = { "content-length": `${body.length}` };
  return { bytes: body, headers, bodyIn: (length) => body.subarray(0, length) };
}

export function inChunks(body: Uint8Array, size: number): Wire {
  const framed: Uint8Array[] = [];
  /** For each byte on the wire, how much of the body came before it. */
  const before: number[] = [];
  const add = (bytes: Uint8Array, step: 0 | 1) => {
    framed.push(bytes);
    for (let index = 0; index < bytes.length; index++) before.push(sent + index * step);
  };
  let sent = 0;
  for (; sent < body.length; sent += size) {
    const part = body.subarray(sent, sent + size);
    add(Buffer.from(`${part.length.toString(16)}\r\n`), 0);
    add(part, 1);
    framed.push(Buffer.from("\r\n"));
    before.push(sent + part.length, sent + part.length);
  }
  framed.push(Buffer.from("0\r\n\r\n"));
  const bodyIn = (length: number) => body.subarray(0, before[length] ?? body.length);
  return { bytes: Buffer.concat(framed), headers: { "transfer-encoding": "chunked" }, bodyIn };
}

/** How a client goes away: at once, waiting for the server to hang up, or when so many results have been told. */
export type Departure = "at once" | "politely" | number;

/** Sends an upload up to some byte of what stands behind its headers, and hangs up. */
export async function cutUpload(url: string, headers: Headers, part: Uint8Array, leave: Departure): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const fields = { host: hostname, connection: "close", accept: "application/x-ndjson", ...headers };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${head.join("")}\r\n`), part]);
  const socket = connect(Number(port), hostname);
  const closed = once(socket, "close");
  let answer = "";
  const go = () => {
    if (typeof leave === "number" && (answer.match(/"line":/g)?.length ?? 0) >= leave) socket.destroy();
  };
  // The server may hang up first, where it has all that it needs.
  socket.on("error", () => undefined).setEncoding("latin1");
  socket.on("data", (text) => {
    answer += String(text);
    go();
  });
  if (leave === "politely") socket.end(bytes);
  else socket.write(bytes, () => (leave === "at once" ? socket.destroy() : go()));
  await closed;
}

/** Sends a part of an upload, and goes on as the caller says when so many results at least have been told. Returns them. */
export async function uploadUntil(
  url: string,
  headers: Headers,
  part: Uint8Array,
  results: number,
  then: () => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly LineResult[]> {
  const sent = request(url, { method: "POST", headers: { ...headers, accept: "application/x-ndjson" }, agent: false });
  const answered = Promise.withResolvers<IncomingMessage>();
  sent.on("error", answered.reject).on("response", answered.resolve);
  answered.promise.catch(() => undefined);
  await new Promise((resolve) => sent.write(part, resolve));
  const told = results === 0 ? [] : await firstResults(await answered.promise, results);
  await then();
  sent.destroy();
  return told;
}

async function firstResults(response: IncomingMessage, count: number): Promise<readonly LineResult[]> {
  // It will be cut off, too.
  response.on("error", () => undefined);
  const results: LineResult[] = [];
  let rest = "";
  for await (const part of response.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    const lines = `${rest}${part}`.split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      const line = uploadLine.parse(JSON.parse(text));
      if (!("summary" in line)) results.push(line);
    }
    if (results.length >= count) break;
  }
  return results;
}

/** What an upload with streamed receipts told. */
export async function streamedResults(response: Response) {
  const lines = (await response.text()).trim().split("\n");
  const parsed = lines.map((text) => uploadLine.parse(JSON.parse(text)));
  const results = parsed.flatMap((line): LineResult[] => ("summary" in line ? [] : [line]));
  const summary = parsed.flatMap((line) => ("summary" in line ? [line.summary] : []))[0];
  return { results, summary };
}
