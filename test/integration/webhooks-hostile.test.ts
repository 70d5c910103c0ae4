import { createServer as createSocketServer, type Socket } from "node:net";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { privateMemory } from "../support/server/private-memory.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";

let server: TestServer;
let receiver: WebhookReceiver;
let library: LibraryWebhooks;

beforeAll(async () => {
  server = await startServer({
    ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.1/32",
    ARRWDB_WEBHOOK_RETRY_MS: "20",
    ARRWDB_WEBHOOK_TIMEOUT_MS: "300",
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  library = new LibraryWebhooks(server.url, (await createVectorLibrary(server.url)).id);
});
afterEach(() => receiver[Symbol.asyncDispose]());

const pingOf = async ({ path }: LibraryWebhooks, id: string): Promise<unknown> =>
  (await fetch(`${path}/${id}/ping`, { method: "POST" })).json();
const ping = (id: string) => pingOf(library, id);

describe("A receiver", () => {
  it("that never answers is given up, called again, and delays nobody else", async () => {
    const { id } = await library.create(receiver.url);
    receiver.answer = () => undefined;
    const other = await WebhookReceiver.start();
    await library.create(other.url);
    await library.write(10);
    await other.until((calls) => calls.length === 10);
    const { failure } = await library.until(id, (found) => (found.failure?.attempts ?? 0) >= 2);
    expect(failure?.error).toBe("The receiver did not respond within 300 ms");
    receiver.answer = (response) => response.end();
    await library.until(id, ({ seq }) => seq === 11);
    expect(receiver.seqs).toEqual(other.seqs);
    await other[Symbol.asyncDispose]();
  });

  it("that answers without an end has its call counted, and only its beginning read", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    let sent = 0;
    receiver.answer = (response) => {
      const more = () => {
        // Ten gigabytes, as far as anybody reads them.
        while (sent < 10_240 && !response.destroyed) {
          sent++;
          if (!response.write(megabyte)) return response.once("drain", more);
        }
        return response.end();
      };
      more();
    };
    const before = await privateMemory(process.pid);
    const { id } = await library.create(receiver.url);
    await library.write(5);
    await library.until(id, ({ seq }) => seq === 6);
    expect(sent).toBeLessThan(200);
    expect((await privateMemory(process.pid)) - before).toBeLessThan(200 * 1024 * 1024);
    const [delivery] = await library.deliveries(id);
    expect(delivery).toMatchObject({ delivered: true, status_code: 200, answer: "x".repeat(500) });
  });

  it("that answers byte by byte holds its call no longer than is good", async () => {
    receiver.answer = (response) => {
      response.write("a");
      const timer = setInterval(() => response.write("a"), 10);
      response.once("close", () => clearInterval(timer));
    };
    const { id } = await library.create(receiver.url);
    expect(await ping(id)).toMatchObject({ delivered: true, status_code: 200, answer: expect.stringMatching(/^a+$/) });
  });

  it("that sends headers byte by byte, or too many, has failed", async () => {
    const sockets: Socket[] = [];
    let speak = (socket: Socket): unknown => setInterval(() => socket.write("x"), 20).unref();
    const raw = createSocketServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined).write("HTTP/1.1 200 OK\r\nx: ");
      speak(socket);
    }).listen(0, "127.0.0.1");
    await once(raw, "listening");
    const address = raw.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const { id } = await library.create(`http://127.0.0.1:${port}/`);
    expect(await ping(id)).toMatchObject({ delivered: false, error: "The receiver did not respond within 300 ms" });
    speak = (socket) => socket.write("y".repeat(1_000_000));
    expect(await ping(id)).toMatchObject({ delivered: false, error: expect.stringContaining("too long") });
    speak = (socket) => socket.end();
    expect(await ping(id)).toMatchObject({ delivered: false, status_code: null });
    for (const socket of sockets) socket.destroy();
    raw.close();
  });

  it("that redirects, to a private address or elsewhere, is not followed", async () => {
    const elsewhere = await WebhookReceiver.start();
    const { id } = await library.create(receiver.url);
    for (const location of ["http://169.254.169.254/latest/meta-data/", elsewhere.url]) {
      receiver.answer = (response) => response.writeHead(307, { location }).end();
      expect(await ping(id)).toMatchObject({
        delivered: false,
        status_code: 307,
        error: expect.stringContaining("redirects are not followed"),
      });
    }
    expect(elsewhere.calls).toEqual([]);
    await elsewhere[Symbol.asyncDispose]();
  });

  it("whose name nobody knows has failed", async () => {
    const { id } = await library.create("http://nobody.invalid/");
    expect(await ping(id)).toMatchObject({ delivered: false, status_code: null, error: expect.stringMatching(/name/) });
  });
});

describe("An address that was allowed when the webhook was made", () => {
  it.each(["127.0.0.1", "localhost"])("is refused when it is called, once it is allowed no more: %s", async (host) => {
    const open = await startServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "true" });
    const hooks = new LibraryWebhooks(open.url, (await createVectorLibrary(open.url)).id);
    const { id } = await hooks.create(`http://${host}:${receiver.port}/`);
    expect(await pingOf(hooks, id)).toMatchObject({ delivered: true });
    await open.server.drain(5_000);
    await open.server.stop();
    const closed = await startServer({ ARRWDB_DATA_DIR: open.directory });
    const strict = new LibraryWebhooks(closed.url, hooks.id);
    await strict.write(1);
    const { failure } = await strict.until(id, (found) => found.failure !== null);
    expect(failure?.error).toContain(`${host} is in a network that this server does not call`);
    expect(receiver.calls).toHaveLength(1);
    await closed.stop();
    await open.stop();
  });
});
