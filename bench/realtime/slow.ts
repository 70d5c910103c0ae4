import { createVectorLibrary } from "../../test/support/server/test-server.ts";
import { percentile } from "../support/figures.ts";
import type { ServerUnderTest } from "../support/server-under-test.ts";
import { inPosts, postAll } from "./delivery.ts";
import { Readers } from "./processes.ts";

export interface SlowRow {
  readonly slowReaders: number;
  /** Of the readers that read, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The most resident memory that was seen meanwhile, in bytes. */
  readonly memory: number;
  readonly writesPerSecond: number;
}

const keenReaders = 10;
const events = 6_000;

const text = "m".repeat(3_500);
const line = JSON.stringify({ title: "T", note: text, chunks: [{ text: "x", embedding: [1, 0, 0, 0] }] });

/** Full-speed writes told to ten readers that read, beside so many that do not. */
export async function measureSlowReaders(server: ServerUnderTest, slowReaders: number): Promise<SlowRow> {
  const { id } = await createVectorLibrary(server.url);
  const [keen, slow] = [new Readers(), new Readers()];
  const socketUrl = `${server.socketUrl}/v1/libraries/${id}/ws`;
  const subscribe = JSON.stringify({ request_id: "s", action: "subscribe", data: {} });
  await keen.connect(socketUrl, keenReaders);
  await keen.send(Array.from({ length: keenReaders }, () => subscribe));
  if (slowReaders > 0) {
    await slow.connect(socketUrl, slowReaders);
    await slow.send(Array.from({ length: slowReaders }, () => subscribe));
    await slow.pause();
  }
  const url = `${server.url}/v1/libraries/${id}/documents/stream`;
  const done = await keen.expect(events * keenReaders);
  await keen.collect();
  let memory = 0;
  const timer = setInterval(() => {
    void server.memory().then((bytes) => (memory = Math.max(memory, bytes)));
  }, 50);
  const begin = performance.now();
  await Promise.all([done(), postAll(url, inPosts(Array.from({ length: events }, () => line)))]);
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(timer);
  const { latencies } = await keen.collect();
  await Promise.all([keen.stop(), slow.stop()]);
  return {
    slowReaders,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    memory,
    writesPerSecond: events / seconds,
  };
}
