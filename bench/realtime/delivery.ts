import { percentile } from "../support/figures.ts";
import { createVectorLibrary } from "../../test/support/server/test-server.ts";
import type { ServerUnderTest } from "../support/server-under-test.ts";
import { now } from "./messages.ts";
import { Readers, startBroadcast } from "./processes.ts";

export interface DeliveryRow {
  readonly subscribers: number;
  readonly events: number;
  /** Events a second, each counted for each subscriber that it reached. */
  readonly deliveredPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The same of a bare `ws` broadcast of the same bytes. */
  readonly barePerSecond: number;
  readonly bareP50: number;
  readonly bareP99: number;
  readonly ratio: number;
}

const eventsPerPost = 64;
/** Posts on their way at the same time, so that the server need not wait for us. */
const postsInFlight = 2;

const documentLine = (number: number) =>
  JSON.stringify({ title: `Event ${number}`, tags: ["bench"], chunks: [{ text: "x", embedding: [1, 0, 0, 0] }] });

/** Posts all bodies, some at a time. */
export async function postAll(url: string, bodies: readonly string[]): Promise<void> {
  const waiting = bodies.values();
  const work = async () => {
    for (const body of waiting) {
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: postsInFlight }, work));
}

export const inPosts = (lines: readonly string[]) =>
  Array.from({ length: Math.ceil(lines.length / eventsPerPost) }, (_, index) =>
    lines.slice(index * eventsPerPost, (index + 1) * eventsPerPost).join("\n"),
  );

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function deliver(
  readers: Readers,
  url: string,
  lines: readonly string[],
  subscribers: number,
): Promise<Measured> {
  const done = await readers.expect(lines.length * subscribers);
  await readers.collect();
  const begin = now();
  const [end] = await Promise.all([done(), postAll(url, inPosts(lines))]);
  const { latencies } = await readers.collect();
  return {
    perSecond: (lines.length * subscribers) / ((end - begin) / 1000),
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
  };
}

/** Events as they are told to so many subscribers, and the same bytes as the least that a broadcast can be. */
export async function measureDelivery(
  server: ServerUnderTest,
  subscribers: number,
  events: number,
): Promise<DeliveryRow> {
  const { id } = await createVectorLibrary(server.url);
  const readers = new Readers();
  await readers.connect(`${server.socketUrl}/v1/libraries/${id}/ws`, subscribers);
  const frame = JSON.stringify({ request_id: "s", action: "subscribe", data: {} });
  await readers.send(Array.from({ length: subscribers }, () => frame));
  const upload = `${server.url}/v1/libraries/${id}/documents/stream`;
  const lines = Array.from({ length: events }, (_, number) => documentLine(number));
  await deliver(readers, upload, lines.slice(0, eventsPerPost * 2), subscribers);
  const ours = await deliver(readers, upload, lines, subscribers);
  await readers.disconnect();

  const broadcast = await startBroadcast();
  const page = await fetch(`${server.url}/v1/libraries/${id}/events?from_seq=${1 + eventsPerPost * 2}&limit=1`, {
    headers: { accept: "application/json" },
  });
  const { events: sample }: { events: readonly unknown[] } = JSON.parse(await page.text());
  // What a subscriber is told: the event, and which of its subscriptions it is for.
  const told = JSON.stringify(sample[0]).slice(0, -1);
  const bytes = `${told},"subscription_ids":["${id}"]}`;
  await readers.connect(broadcast.url.replace("http", "ws"), subscribers);
  const same = Array.from({ length: events }, () => bytes);
  await deliver(readers, broadcast.url, same.slice(0, eventsPerPost * 2), subscribers);
  const bare = await deliver(readers, broadcast.url, same, subscribers);
  await Promise.all([readers.stop(), broadcast.stop()]);
  return {
    subscribers,
    events,
    deliveredPerSecond: ours.perSecond,
    p50: ours.p50,
    p99: ours.p99,
    barePerSecond: bare.perSecond,
    bareP50: bare.p50,
    bareP99: bare.p99,
    ratio: ours.perSecond / bare.perSecond,
  };
}
