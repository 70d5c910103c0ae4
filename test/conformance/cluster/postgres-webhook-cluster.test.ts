import type { Library } from "@arrwdb/protocol/documents/model";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { StoredWebhook } from "../../../server/src/store/webhook-store.ts";
import { WebhookReceiver } from "../../support/peers/webhook-receiver.ts";
import { postgresMissing, PostgresServer } from "../../support/postgres/postgres-server.ts";
import { describeUnless } from "../../support/skipping.ts";
import { eventually } from "../../support/waiting.ts";
import { newDocument, range } from "../store-fixture.ts";
import { createLibrary } from "./cluster-fixture.ts";
import { WebhookNode } from "./webhook-node.ts";

const path = (number: number) => `/hook/${number}`;

describeUnless(await postgresMissing(), "Webhooks of several nodes", () => {
  let server: PostgresServer;
  let receiver: WebhookReceiver;
  let nodes: readonly [WebhookNode, WebhookNode, WebhookNode];
  let library: Library;
  let url: string;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    url = await server.createDatabase();
    nodes = await Promise.all([WebhookNode.start(url), WebhookNode.start(url), WebhookNode.start(url)]);
    library = await createLibrary(nodes[0].store);
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await receiver[Symbol.asyncDispose]();
  });

  const create = (number: number, node = nodes[0], of = library): Promise<StoredWebhook> =>
    node.store.webhooks.createWebhook(of.id, {
      url: new URL(path(number), receiver.url).href,
      description: null,
      events: null,
      filter: null,
      secrets: [{ secret: "whsec_AAAA", createdAt: new Date().toISOString(), expiresAt: null }],
      fromSeq: undefined,
    });
  const write = (count: number, node = nodes[0], of = library) =>
    node.store.documents.write(
      of.id,
      range(1, count).map(() => newDocument()),
    );
  /** The positions that arrived for a webhook. */
  const arrived = (number: number) =>
    receiver.calls.filter((call) => call.path === path(number)).map(({ event }) => event.seq);

  it("are shared by all, and each event is received once, in order", async () => {
    const other = await createLibrary(nodes[1].store, "Other");
    const created = range(0, 199).map((number) => ({ number, of: number % 2 === 0 ? library : other }));
    await Promise.all(created.map(({ number, of }) => create(number, nodes[number % 3], of)));
    await eventually(() => expect(nodes.map(({ held }) => held).toSorted((a, b) => a - b)).toEqual([66, 67, 67]));
    for (const each of range(0, 9)) {
      await write(1, nodes[each % 3], library);
      await write(1, nodes[(each + 1) % 3], other);
    }
    await eventually(() => receiver.calls.length >= 2_000);
    for (const { number } of created) expect(arrived(number)).toEqual(range(2, 11));
    expect(receiver.calls).toHaveLength(2_000);
  });

  it("of a node that stops go to the others at once, and to one that starts a share comes", async () => {
    await Promise.all(range(1, 12).map((number) => create(number)));
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([4, 4, 4]));
    await nodes[1].stop();
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([6, 0, 6]));
    await using fourth = await WebhookNode.start(url);
    await eventually(() => expect([...nodes.map(({ held }) => held), fourth.held]).toEqual([4, 0, 4, 4]));
    await write(5);
    await eventually(() => receiver.calls.length >= 60);
    for (const number of range(1, 12)) expect(arrived(number)).toEqual(range(2, 6));
  });

  it("of a node that is cut off are taken over, and it calls no more until it is back", async () => {
    await Promise.all(range(1, 12).map((number) => create(number)));
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([4, 4, 4]));
    // Every event is wanted while it is cut off, and some calls are in progress.
    receiver.answer = (response) => setTimeout(() => response.writeHead(204).end(), 20);
    await write(200, nodes[1]);
    await eventually(() => receiver.calls.length > 100);
    const former = await nodes[1].store.webhooks.listWebhooks(library.id);
    nodes[0].disconnect();
    await eventually(() => expect([nodes[1].held, nodes[2].held]).toEqual([6, 6]));
    await write(20, nodes[1]);
    await eventually(() => range(1, 12).every((number) => arrived(number).includes(221)));
    for (const number of range(1, 12)) {
      const seqs = arrived(number);
      expect([...new Set(seqs)]).toEqual(range(2, 221));
      // Two that call in turn would go back again and again.
      expect(seqs.filter((seq, index) => seq <= (seqs[index - 1] ?? 0)).length).toBeLessThanOrEqual(1);
    }
    const list = () => nodes[1].store.webhooks.listWebhooks(library.id);
    await eventually(async () => (await list()).every(({ seq }) => seq === 221));
    // What the former holder reports late.
    const left = await list();
    const late = former.map(({ id, libraryId, course, revision, epoch }) => {
      const position = { webhookId: id, libraryId, course, revision, epoch, seq: 1 };
      return { ...position, failure: null, lastSuccessAt: undefined, disabled: "gone", attempts: [] };
    });
    const taken = late.filter(({ webhookId, epoch }) =>
      left.some((each) => each.id === webhookId && each.epoch > epoch),
    );
    expect(taken).toHaveLength(4);
    await nodes[2].store.webhooks.reportDeliveries(taken);
    expect(await list()).toEqual(left);
    nodes[0].reconnect();
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([4, 4, 4]));
    const before = receiver.calls.length;
    await write(3, nodes[2]);
    await eventually(() => receiver.calls.length >= before + 36);
    for (const number of range(1, 12)) expect(arrived(number).slice(-3)).toEqual(range(222, 224));
  });

  it("are paused, moved and deleted on any node", async () => {
    const webhook = await create(1);
    await eventually(() => nodes.some(({ held }) => held === 1));
    const holding = nodes.find(({ held }) => held === 1) ?? nodes[0];
    const [one, two] = nodes.filter((node) => node !== holding);
    await write(1, one);
    await eventually(() => expect(arrived(1)).toEqual([2]));
    await one?.service.webhooks.update(library.id, webhook.id, { status: "paused" }, null);
    await eventually(() => holding.service.dispatcher.states.stopped === 1);
    await write(1, two);
    await two?.service.webhooks.redeliver(library.id, webhook.id, 1);
    await one?.service.webhooks.update(library.id, webhook.id, { status: "active" }, null);
    await eventually(() => expect(arrived(1)).toEqual([2, 2, 3]));
    await two?.service.webhooks.delete(library.id, webhook.id);
    await eventually(() => holding.held === 0);
    await write(1, one);
    expect(arrived(1)).toEqual([2, 2, 3]);
  });

  it("end with their key on the node that has them, and not because that had not heard of it", async () => {
    const request = { url: receiver.url };
    const made = [];
    for (const number of range(1, 12)) {
      const { keys, service } = nodes[number % 3] ?? nodes[0];
      const settings = { scope: "admin", libraries: null, limits: {}, expires_at: null } as const;
      const { id: owner } = await keys.create({ name: String(number), ...settings });
      const { id } = await service.webhooks.create(library.id, request, owner);
      made.push({ id, owner });
    }
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([4, 4, 4]));
    await write(1);
    await eventually(() => receiver.calls.length >= 12);
    const statuses = async () =>
      (await nodes[0].store.webhooks.listWebhooks(library.id)).map(({ id, status }) => ({ id, status }));
    expect(await statuses()).toEqual(made.map(({ id }) => ({ id, status: "active" })));
    for (const { owner } of made.slice(0, 6)) await nodes[0].keys.revoke(owner);
    const ended = made.map(({ id }, index) => ({ id, status: index < 6 ? "disabled" : "active" }));
    await eventually(async () => expect(await statuses()).toEqual(ended));
  });

  it("of a node whose network swallows everything are taken over, and it comes back", async () => {
    // An answer is waited for long otherwise.
    await using silent = await WebhookNode.start(`${url}?query_timeout=2000`);
    await Promise.all(range(1, 8).map((number) => create(number)));
    const all = () => [...nodes, silent].map(({ held }) => held);
    await eventually(() => expect(all()).toEqual([2, 2, 2, 2]));
    silent.silence();
    await eventually(() =>
      expect(
        all()
          .slice(0, 3)
          .reduce((sum, held) => sum + held),
      ).toBe(8),
    );
    await write(3);
    await eventually(() => range(1, 8).every((number) => arrived(number).length === 3));
    silent.reconnect();
    await eventually(() => expect(all()).toEqual([2, 2, 2, 2]));
    await write(1);
    await eventually(() => range(1, 8).every((number) => arrived(number).at(-1) === 5));
  });

  it("hear of the deletion of their library once", async () => {
    await Promise.all(range(1, 9).map((number) => create(number)));
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([3, 3, 3]));
    await nodes[1].store.libraries.delete(library.id);
    await eventually(() => expect(nodes.map(({ held }) => held)).toEqual([0, 0, 0]));
    await eventually(() => receiver.calls.length >= 9);
    for (const number of range(1, 9)) expect(arrived(number)).toEqual([2]);
    expect(receiver.calls.map(({ event }) => event.type)).toEqual(Array(9).fill("library.deleted"));
  });
});
