import {
  webhookDelivery,
  webhookDeliveryList,
  webhookGap,
  webhookList,
  webhookPing,
  webhookWithSecret,
} from "@arrwdb/protocol/events/webhooks";
import { Webhook as Verifier } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLibrary,
  createVectorLibrary,
  post,
  startServer,
  type TestServer,
} from "../support/server/test-server.ts";
import { problemOf } from "../support/peers/upload.ts";
import { type Call, WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { LibraryWebhooks } from "../support/peers/webhook-calls.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let receiver: WebhookReceiver;
let library: LibraryWebhooks;

beforeAll(async () => {
  server = await startServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8", ARRWDB_WEBHOOK_RETRY_MS: "20" });
});
afterAll(() => server.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  library = new LibraryWebhooks(server.url, (await createVectorLibrary(server.url)).id);
});
afterEach(() => receiver[Symbol.asyncDispose]());

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const seqs = (calls: readonly Call[]) => calls.map(({ event }) => event.seq);

describe("A webhook", () => {
  it("is called for each event, in order, and signed so that the standard's library verifies it", async () => {
    const { secret, ...created } = await library.create(receiver.url);
    expect(created).toMatchObject({ status: "active", seq: 1, failure: null, events: null, metadata_filter: null });
    await library.write(50);
    await receiver.until((calls) => calls.length === 50);
    expect(seqs(receiver.calls)).toEqual(range(2, 51));
    const verifier = new Verifier(secret);
    for (const { body, headers, event } of receiver.calls) {
      expect(verifier.verify(body, headers)).toMatchObject({ type: "document.added", seq: event.seq });
      expect(() => verifier.verify(body.replace("document", "Document"), headers)).toThrow(
        "No matching signature found",
      );
      expect(headers["content-type"]).toBe("application/json");
    }
    expect(new Set(receiver.calls.map(({ id }) => id)).size).toBe(50);
    // Connections are kept.
    expect(receiver.connections).toBeLessThan(5);
    expect((await library.until(created.id, ({ seq }) => seq === 51)).last_success_at).not.toBeNull();
  });

  it("is told what the log has from a position on, and nothing that it did not choose", async () => {
    await library.write(2, { author: "Ada" });
    await library.write(2, { author: "Bob" });
    const chosen = { events: ["document.added"], metadata_filter: { author: "Bob" }, from_seq: 0 };
    const { id } = await library.create(receiver.url, chosen);
    await library.write(1, { author: "Ada" });
    await library.write(1, { author: "Bob" });
    await receiver.until((calls) => calls.length === 3);
    expect(seqs(receiver.calls)).toEqual([4, 5, 7]);
    expect(await library.get(id)).toMatchObject({ events: chosen.events, metadata_filter: chosen.metadata_filter });
  });

  it("loses nothing while its receiver is down, and tells what is wrong", async () => {
    const { id } = await library.create(receiver.url);
    await receiver.down();
    await library.write(20);
    const failing = await library.until(id, ({ failure }) => (failure?.attempts ?? 0) >= 3);
    expect(failing).toMatchObject({ seq: 1, status: "active" });
    expect(failing.failure?.error).toMatch(/refused the connection.*ECONNREFUSED/);
    await receiver.up();
    await receiver.until((calls) => calls.length === 20);
    expect(seqs(receiver.calls)).toEqual(range(2, 21));
    await library.until(id, ({ failure, seq }) => failure === null && seq === 21);
    const deliveries = await library.deliveries(id);
    expect(deliveries.slice(0, 20).map(({ seq }) => seq)).toEqual(range(2, 21).toReversed());
    expect(deliveries.at(-1)).toMatchObject({ seq: 2, attempt: 1, delivered: false, status_code: null });
  });

  it("is called again with the same id until it succeeds, and is not overtaken", async () => {
    let failures = 3;
    receiver.answer = (response) => response.writeHead(failures-- > 0 ? 500 : 200).end("oh dear");
    const { id } = await library.create(receiver.url);
    await library.write(3);
    await receiver.until((calls) => calls.length === 6);
    expect(seqs(receiver.calls)).toEqual([2, 2, 2, 2, 3, 4]);
    expect(new Set(receiver.calls.slice(0, 4).map((call) => call.id)).size).toBe(1);
    await library.until(id, ({ seq }) => seq === 4);
    const [, , , failed] = await library.deliveries(id);
    expect(failed).toMatchObject({
      attempt: 3,
      status_code: 500,
      answer: "oh dear",
      error: "The receiver responded with 500",
    });
  });

  it("waits as long as its receiver asks, though no longer than an hour", async () => {
    receiver.answer = (response) => response.writeHead(503, { "retry-after": "999999" }).end();
    const { id } = await library.create(receiver.url);
    await library.write(1);
    const { failure } = await library.until(id, (found) => found.failure !== null);
    const wait = Date.parse(failure?.next_attempt_at ?? "") - Date.parse(failure?.since ?? "");
    expect(wait).toBe(3_600_000);
    receiver.answer = (response) => response.end();
    await library.patch(id, { status: "active" });
    await receiver.until((calls) => calls.length === 2);
  });

  it("is disabled by 410, and goes on where it was when it is let", async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    const { id } = await library.create(receiver.url);
    await library.write(2);
    const disabled = await library.until(id, ({ status }) => status === "disabled");
    expect(disabled).toMatchObject({ status_reason: "The receiver responded with 410", seq: 1 });
    receiver.answer = (response) => response.end();
    expect(await (await library.patch(id, { status: "active" })).json()).toMatchObject({ status: "active" });
    await receiver.until((calls) => calls.length === 3);
    expect(seqs(receiver.calls)).toEqual([2, 2, 3]);
  });

  it("is left alone while it is paused", async () => {
    const { id } = await library.create(receiver.url);
    await library.patch(id, { status: "paused" });
    await library.write(5);
    const other = await WebhookReceiver.start();
    await library.create(other.url, { from_seq: 1 });
    await other.until((calls) => calls.length === 5);
    expect(receiver.calls).toEqual([]);
    await library.patch(id, { status: "active" });
    await receiver.until((calls) => calls.length === 5);
    await other[Symbol.asyncDispose]();
  });

  it("is told of a gap where the log has forgotten what it was not told", async () => {
    receiver.answer = (response) => response.writeHead(503, { "retry-after": "3600" }).end();
    const { id } = await createLibrary(server.url, { embedding_model: "none", dimension: 4, events: { max_count: 3 } });
    library = new LibraryWebhooks(server.url, id);
    const hook = await library.create(receiver.url);
    await library.write(10);
    const expired = async () =>
      (await fetch(`${server.url}/v1/libraries/${id}/events?from_seq=7`, { headers: { accept: "application/json" } }))
        .status === 410;
    await eventually(expired, { describe: "the events to be forgotten" });
    await library.until(hook.id, ({ failure }) => failure !== null);
    receiver.calls.length = 0;
    receiver.answer = (response) => response.end();
    await library.patch(hook.id, { status: "active" });
    await receiver.until((calls) => calls.length === 4);
    expect(receiver.calls.map(({ event }) => [event.type, event.seq])).toEqual([
      ["webhook.gap", 8],
      ["document.added", 9],
      ["document.added", 10],
      ["document.added", 11],
    ]);
    const gap = webhookGap.strict().parse(receiver.calls[0]?.event);
    expect(gap.data).toEqual({ webhook_id: hook.id, missed_after_seq: 1, missed_up_to_seq: 8 });
  });

  it("is told again from a position, with the same ids", async () => {
    const { id } = await library.create(receiver.url);
    await library.write(4);
    await receiver.until((calls) => calls.length === 4);
    await library.until(id, ({ seq }) => seq === 5);
    const again = await post(`${library.path}/${id}/redeliver`, { from_seq: 3 });
    expect(await again.json()).toMatchObject({ seq: 3 });
    await receiver.until((calls) => calls.length === 6);
    expect(receiver.calls.slice(4).map((call) => call.id)).toEqual(receiver.calls.slice(2, 4).map((call) => call.id));
    expect(await problemOf(await post(`${library.path}/${id}/redeliver`, { from_seq: 99 }))).toMatchObject({
      code: "position_ahead",
    });
  });

  it("can be tested, whether it is active or not", async () => {
    const { id, secret } = await library.create(receiver.url);
    await library.patch(id, { status: "paused" });
    const answer = await fetch(`${library.path}/${id}/ping`, { method: "POST" });
    const ping = webhookDelivery.strict().parse(await answer.json());
    expect(ping).toMatchObject({ type: "webhook.ping", seq: null, delivered: true, status_code: 204 });
    const [call] = receiver.calls;
    expect(
      webhookPing.strict().parse(new Verifier(secret).verify(call?.body ?? "", call?.headers ?? {})).data.webhook_id,
    ).toBe(id);
    receiver.answer = (response) => response.writeHead(404).end("nobody is here");
    const failed: unknown = await (await fetch(`${library.path}/${id}/ping`, { method: "POST" })).json();
    expect(failed).toMatchObject({ delivered: false, status_code: 404, answer: "nobody is here" });
    expect(await library.deliveries(id)).toHaveLength(2);
    expect(await library.get(id)).toMatchObject({ seq: 1, failure: null, status: "paused" });
  });

  it("is signed by the old and the new secret while they overlap", async () => {
    const { id, secret } = await library.create(receiver.url);
    const rotate = async (body: unknown) =>
      webhookWithSecret.strict().parse(await (await post(`${library.path}/${id}/rotate`, body)).json());
    const rotated = await rotate({});
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.secrets).toHaveLength(2);
    await library.write(1);
    await receiver.until((calls) => calls.length === 1);
    for (const key of [secret, rotated.secret]) {
      expect(new Verifier(key).verify(receiver.calls[0]?.body ?? "", receiver.calls[0]?.headers ?? {})).toBeDefined();
    }
    const last = await rotate({ overlap_seconds: 0 });
    expect(last.secrets).toHaveLength(1);
    await library.write(1);
    await receiver.until((calls) => calls.length === 2);
    const { body = "", headers = {} } = receiver.calls[1] ?? {};
    expect(() => new Verifier(secret).verify(body, headers)).toThrow("No matching signature found");
    expect(new Verifier(last.secret).verify(body, headers)).toBeDefined();
    expect(JSON.stringify(await library.get(id))).not.toContain("whsec_");
  });

  it("is deleted with what it was told, and with its library, of which it hears", async () => {
    const first = await library.create(receiver.url);
    expect(await (await fetch(`${library.path}/${first.id}`, { method: "DELETE" })).json()).toEqual({
      deleted: true,
      id: first.id,
    });
    expect(await problemOf(await fetch(`${library.path}/${first.id}`))).toMatchObject({ code: "webhook_not_found" });
    await library.create(receiver.url);
    await fetch(`${server.url}/v1/libraries/${library.id}`, { method: "DELETE" });
    await receiver.until((calls) => calls.length === 1);
    expect(receiver.calls[0]?.event).toMatchObject({ type: "library.deleted", seq: 2 });
    expect(await problemOf(await fetch(library.path))).toMatchObject({ code: "library_not_found" });
  });

  it("keeps its last 500 calls", async () => {
    const { id } = await library.create(receiver.url);
    await library.write(510);
    await library.until(id, ({ seq }) => seq === 511);
    const deliveries = await library.deliveries(id);
    expect(deliveries.map(({ seq }) => seq)).toEqual(range(12, 511).toReversed());
    const pages: (number | null)[] = [];
    for (let cursor = ""; ;) {
      const answer: unknown = await (await fetch(`${library.path}/${id}/deliveries?limit=200${cursor}`)).json();
      const page = webhookDeliveryList.parse(answer);
      pages.push(...page.deliveries.map(({ seq }) => seq));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(pages).toEqual(deliveries.map(({ seq }) => seq));
  });
});

describe("What makes no webhook", () => {
  const wrong: readonly (readonly [string, unknown, string, string])[] = [
    ["no address", {}, "validation_failed", "url"],
    ["no URL", { url: "here" }, "validation_failed", "url"],
    ["another protocol", { url: "ftp://example.com/" }, "validation_failed", "url"],
    ["a file", { url: "file:///etc/passwd" }, "validation_failed", "url"],
    ["credentials", { url: "https://user:secret@example.com/" }, "validation_failed", "url"],
    ["an unknown event", { url: "https://example.com/", events: ["x"] }, "validation_failed", "events[0]"],
    [
      "a wrong filter",
      { url: "https://example.com/", metadata_filter: { a: { $x: 1 } } },
      "validation_failed",
      "metadata_filter.a.$x",
    ],
    ["an unknown field", { url: "https://example.com/", secret: "whsec_mine" }, "validation_failed", "secret"],
    ["a position ahead", { url: "https://example.com/", from_seq: 7 }, "position_ahead", "from_seq"],
    ["a private address", { url: "http://10.1.2.3/" }, "webhook_address_refused", "url"],
  ];
  it.each(wrong)("%s", async (_, body, code, field) => {
    expect(await problemOf(await post(library.path, body))).toMatchObject({ code, field });
  });

  it("more than a library may have", async () => {
    for (let made = 0; made < 100; made++) await library.create(receiver.url, { events: ["library.updated"] });
    expect(await problemOf(await post(library.path, { url: receiver.url }))).toMatchObject({
      status: 429,
      code: "too_many_webhooks",
    });
    const { webhooks } = webhookList.strict().parse(await (await fetch(library.path)).json());
    expect(webhooks).toHaveLength(100);
  });
});
