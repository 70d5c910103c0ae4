import { fork } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Client } from "pg";
import { z } from "zod";
import { WebhookReceiver } from "../../support/peers/webhook-receiver.ts";
import { postgresMissing, PostgresServer } from "../../support/postgres/postgres-server.ts";
import { endingProcess } from "../../support/server/endings.ts";
import { describeUnless } from "../../support/skipping.ts";
import { eventually } from "../../support/waiting.ts";
import { newDocument, range } from "../store-fixture.ts";
import { createLibrary } from "./cluster-fixture.ts";
import { WebhookNode } from "./webhook-node.ts";

const program = new URL("webhook-node-process.ts", import.meta.url);
const told = z.object({ held: z.number() });
/** As many as a node reads at a time. */
const events = 32;
/** By then it would have made a call. */
const messagesAwake = 50;

describeUnless(await postgresMissing(), "A node that is paused", () => {
  let server: PostgresServer;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    server = await PostgresServer.start();
    receiver = await WebhookReceiver.start();
  });
  afterAll(() => receiver[Symbol.asyncDispose]());

  it("makes no call with its old lease when it goes on", async () => {
    const url = await server.createDatabase();
    const paused = endingProcess(fork(program, [url], { execArgv: [] }));
    let held = 0;
    let messages = 0;
    paused.on("message", (message) => {
      messages++;
      held = told.parse(message).held;
    });
    await using other = await WebhookNode.start(url);
    const library = await createLibrary(other.store);
    await Promise.all(
      range(1, 2).map((number) =>
        other.store.webhooks.createWebhook(library.id, {
          url: `${receiver.url}/${number}`,
          description: null,
          events: null,
          filter: null,
          secrets: [{ secret: "whsec_AAAA", createdAt: new Date().toISOString(), expiresAt: null }],
          fromSeq: undefined,
        }),
      ),
    );
    await eventually(() => expect([held, other.held]).toEqual([1, 1]));
    // So that it is paused between the events that it has read.
    receiver.answer = (response) => setTimeout(() => response.writeHead(204).end(), 30);
    await other.store.documents.write(
      library.id,
      range(1, events).map(() => newDocument()),
    );
    const seqsOf = (number: number) =>
      receiver.calls.filter(({ path }) => path.endsWith(`/${number}`)).map(({ event }) => event.seq);
    await eventually(() => range(1, 2).every((number) => seqsOf(number).length >= 3));
    paused.kill("SIGSTOP");
    await eventually(() => other.held === 2);
    await eventually(() => range(1, 2).every((number) => seqsOf(number).includes(1 + events)));
    const before = receiver.calls.length;
    // It finds nothing out for now, but can read events, and report deliveries.
    const lock = new Client({ connectionString: url });
    await lock.connect();
    await lock.query("BEGIN");
    await lock.query("LOCK TABLE arrwdb.webhook_holders IN EXCLUSIVE MODE");
    messages = 0;
    paused.kill("SIGCONT");
    try {
      await eventually(() => messages >= messagesAwake);
    } finally {
      await lock.end();
    }
    expect(receiver.calls).toHaveLength(before);
    held = 0;
    // It is given a webhook again once it has begun another lease.
    await eventually(() => expect([held, other.held]).toEqual([1, 1]));
    await other.store.documents.write(library.id, [newDocument()]);
    await eventually(() => range(1, 2).every((number) => seqsOf(number).includes(2 + events)));
    expect(receiver.calls).toHaveLength(before + 2);
    for (const number of range(1, 2)) expect([...new Set(seqsOf(number))]).toEqual(range(2, 2 + events));
  });
});
