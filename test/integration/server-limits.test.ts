import { afterAll, beforeAll, expect, it } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let library: string;
beforeAll(async () => {
  server = await startServer({}, { limits: { maxEventStreams: 1, maxWebSockets: 1 } });
  library = (await createVectorLibrary(server.url)).id;
});
afterAll(() => server.stop());

it("refuses event streams beyond those that the server takes, and takes one again when one has ended", async () => {
  const address = `${server.url}/v1/libraries/${library}/events`;
  const open = (signal: AbortSignal | null = null) =>
    fetch(address, { headers: { accept: "text/event-stream" }, signal });
  const first = await open();
  expect(first.headers.get("content-type")).toContain("text/event-stream");
  // Told within a stream, so that a browser comes back.
  expect(await (await open()).text()).toContain('"error_code":"overloaded"');
  await first.body?.cancel();
  await eventually(
    async () => {
      const leaving = new AbortController();
      const third = await open(leaving.signal);
      const begin = await third.body?.getReader().read();
      leaving.abort();
      return !Buffer.from(begin?.value ?? []).includes("overloaded");
    },
    { describe: "room for a stream" },
  );
});

it("refuses WebSockets beyond those that the server takes", async () => {
  const url = `${server.socketUrl}/v1/libraries/${library}/ws`;
  const first = await TestSocket.open(url);
  await expect(TestSocket.open(url)).rejects.toThrow("503");
  first.socket.close();
  await first.closed;
});
