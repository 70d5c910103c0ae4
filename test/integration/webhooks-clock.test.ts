import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";

const day = 24 * 3_600_000;

/** The clock of the thread that calls webhooks is set; everything else is real. */
describe("A webhook whose machine has its clock set", () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  let webhooks: LibraryWebhooks;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    server = await startServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "true", ARRWDB_WEBHOOK_RETRY_MS: "20" });
    webhooks = new LibraryWebhooks(server.url, (await createVectorLibrary(server.url)).id);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await server.stop();
    await receiver[Symbol.asyncDispose]();
  });

  /** Fails so many calls, and sets the clock by as much in each. */
  function fail(calls: number, step: number): void {
    receiver.answer = (response) => {
      if (receiver.calls.length > calls) return response.writeHead(204).end();
      vi.setSystemTime(Date.now() + step);
      return response.writeHead(500).end();
    };
  }

  it.each([
    ["back by a day", -day],
    ["back by an hour", -day / 24],
    ["ahead by an hour", day / 24],
    ["ahead by a month", 30 * day],
  ])("%s in each call is called again after its pause, and is not given up", async (_, step) => {
    const { id } = await webhooks.create(receiver.url);
    fail(3, step);
    await webhooks.write(1);
    await receiver.until((calls) => calls.length >= 4);
    expect(await webhooks.until(id, ({ failure }) => failure === null)).toMatchObject({ status: "active" });
  });

  it("back while it waits is called when it was meant to be", async () => {
    const { id } = await webhooks.create(receiver.url);
    fail(3, 0);
    await webhooks.write(1);
    await receiver.until((calls) => calls.length >= 1);
    vi.setSystemTime(Date.now() - day);
    await receiver.until((calls) => calls.length >= 4);
    expect((await webhooks.until(id, ({ failure }) => failure === null)).status).toBe("active");
  });

  it("back by a day waits no longer than pauses are when it is changed", async () => {
    const { id } = await webhooks.create(receiver.url);
    fail(2, 0);
    await webhooks.write(1);
    await webhooks.until(id, ({ failure }) => failure !== null);
    vi.setSystemTime(Date.now() - day);
    await webhooks.patch(id, { description: "changed" });
    await receiver.until((calls) => calls.length >= 3);
    expect((await webhooks.until(id, ({ failure }) => failure === null)).description).toBe("changed");
  });
});
