import { createServer } from "node:http";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { libraryEvent, streamPosition } from "@arrwdb/protocol/events/events";
import { EventSource as EventSourceOfNpm } from "eventsource";
import { type BrowserContext, chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { HttpListener } from "../../server/src/listener/http-listener.ts";
import { defaultClientTimeouts } from "../../server/src/listener/client-timeouts.ts";
import { Readiness } from "../../server/src/listener/readiness.ts";
import { noMonitor } from "../../server/src/telemetry/monitor.ts";
import { because } from "../support/skipping.ts";
import { chromiumFlags, chromiumPath, noChromium } from "../support/pages/chromium.ts";
import { createVectorLibrary, startServer, temporaryDirectory } from "../support/server/test-server.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";
import { eventually } from "../support/waiting.ts";

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const message = z.object({ name: z.string(), id: z.string(), data: z.unknown() });
const report = z.object({
  browser: z.object({ messages: z.array(message), errors: z.array(z.string()) }),
  library: z.object({ messages: z.array(message), errors: z.array(z.string()) }),
});

async function openBrowser(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, { executablePath: chromiumPath ?? "", args: [...chromiumFlags] });
}

async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL("../support/peers/event-source-page.ts", import.meta.url));
  const { output } = await (await rolldown({ input, platform: "browser" })).generate({ format: "iife" });
  return output[0].code;
}

const startingDoor = () =>
  new HttpListener({
    readiness: new Readiness(),
    monitor: noMonitor,
    clientTimeouts: defaultClientTimeouts,
    keepAlive: 5_000,
    createServer: (options, serve) => createServer(options, serve),
    serveMetrics: () => Promise.resolve(false),
  });

/** A server that starts and does not come to an end with it, at a port. Tells how often it was asked for a stream. */
async function startingAt(port: number) {
  const asked: string[] = [];
  const door = startingDoor();
  door.server.on("request", ({ url, headers }) => asked.push(`${headers["user-agent"] ?? ""} ${url ?? ""}`));
  // The port of the server before may still be let go of.
  await eventually(() => door.listen("127.0.0.1", port), { within: 10_000 });
  return { asked, door };
}

const ofLibrary = (messages: readonly z.output<typeof message>[]) =>
  messages.filter(({ name }) => name === "" || name === "message").map(({ data }) => libraryEvent.parse(data).seq);

describe("Pages that listen", { timeout: 240_000 }, () => {
  it.skipIf(noChromium !== undefined)(
    `hear all events across a restart, in each library, and nothing else${because(noChromium)}`,
    async () => {
      const environment = { ARRWDB_DATA_DIR: directory };
      let server = await startServer(environment);
      const { url } = server;
      const port = new URL(url).port;
      const { id } = await createVectorLibrary(url);
      const address = `${url}/v1/libraries/${id}/events?from_seq=0`;
      const add = () => resultsOf(uploadTo(uploadUrl(url, id), line()));

      const profile = await temporaryDirectory();
      const context = await openBrowser(profile);
      const npm: number[] = [];
      const source = new EventSourceOfNpm(address);
      source.addEventListener("message", ({ data }) => npm.push(libraryEvent.parse(JSON.parse(String(data))).seq));
      try {
        const page = await context.newPage();
        // Any page of the server's that lets scripts connect to it.
        await page.goto(`${url}/health`);
        await page.evaluate(await bundle());
        await page.evaluate(`page.listen(${JSON.stringify(address)})`);
        const heard = async () => report.parse(await page.evaluate("page.heard()"));
        const all = async (seqs: readonly number[]) =>
          eventually(
            async () => {
              const { browser, library } = await heard();
              expect([ofLibrary(browser.messages), ofLibrary(library.messages), npm]).toEqual([seqs, seqs, seqs]);
            },
            { within: 60_000 },
          );
        await add();
        await all([1, 2]);

        await server.stop();
        const { asked, door } = await startingAt(Number(port));
        // Each of the three was answered, and asks again: none has gone dead.
        await eventually(() => expect(asked.length).toBeGreaterThanOrEqual(9), { within: 60_000 });
        await door.close();
        server = await startServer({ ...environment, PORT: port });
        await add();
        await all([1, 2, 3]);

        const { browser, library } = await heard();
        expect(browser.errors.filter((error) => error.endsWith("2"))).toEqual([]);
        expect(library.errors.filter((error) => error.startsWith("gave up"))).toEqual([]);
        // What is no event of the library has a name, JSON and a position, for those who look at everything.
        for (const { name, id: position, data } of library.messages.filter((other) => other.name !== "")) {
          expect(["progress", "heartbeat", "ended"]).toContain(name);
          if (name !== "ended") expect(String(streamPosition.parse(data).seq)).toBe(position);
        }
        expect(await page.evaluate("page.ended()")).toContainEqual(expect.stringContaining('"error_code":"starting"'));
      } finally {
        source.close();
        await context.close();
        await server.stop();
        await rm(profile, { recursive: true, force: true });
      }
    },
  );
});

describe("A server that starts", () => {
  it("answers for streams of events with 200, and for all else with 503", async () => {
    const door = startingDoor();
    await door.listen("127.0.0.1", 0);
    const bound = door.server.address();
    if (bound === null || typeof bound === "string") throw new Error("It does not listen");
    const url = `http://127.0.0.1:${bound.port}`;
    const get = (path: string, headers: Readonly<Record<string, string>> = {}) => fetch(url + path, { headers });
    const events = "/v1/libraries/01a2089b-189e-7767-830b-7119c64e1a2e/events";
    for (const path of [events, `${events}?from_seq=3`]) {
      for (const accept of ["text/event-stream", "text/event-stream, application/json"]) {
        const answer = await get(path, { accept });
        expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
        expect([answer.status, await answer.text()]).toEqual([
          200,
          expect.stringMatching(
            /^retry: 2000\nevent: ended\ndata: \{.*"error_code":"starting","retryable":true.*\}\n\n$/,
          ),
        ]);
      }
    }
    const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      [events, { accept: "application/json" }],
      [events, { accept: "*/*" }],
      ["/v1/events/stats", { accept: "text/event-stream" }],
      [`${events}/more`, {}],
      ["/v1/libraries", {}],
    ];
    for (const [path, headers] of refused) expect((await get(path, headers)).status).toBe(503);
    expect((await fetch(url + events, { method: "POST" })).status).toBe(503);
    // A page of another origin that may not read it would not come back either.
    const read = await get(events, { origin: "https://app.example", accept: "text/event-stream" });
    expect(read.headers.get("access-control-allow-origin")).toBe("*");
    await door.close();
  });
});
