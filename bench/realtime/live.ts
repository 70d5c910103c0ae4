import { createVectorLibrary, post } from "../../test/support/server/test-server.ts";
import { randomUnitVector, seededRandom } from "../../test/support/data/vectors.ts";
import { percentile } from "../support/figures.ts";
import { upload } from "../support/server.ts";
import type { ServerUnderTest } from "../support/server-under-test.ts";
import { type Figures, now } from "./messages.ts";
import { Readers } from "./processes.ts";

export interface LiveRow {
  readonly queries: number;
  /** Documents a second that were added at an even pace, and milliseconds from the sending of one until a push of it. */
  readonly pace: number;
  readonly pushes: number;
  readonly p50: number;
  readonly p99: number;
  /** Documents a second when each is sent as soon as one before it is acknowledged, a few at a time. */
  readonly sustained: number;
  readonly sustainedP99: number;
}

const dimension = 1_024;
const queriesPerConnection = 500;
const chunksBefore = 2_000;
const addedAtPace = 400;
const addedAtFull = 1_000;
const addsInFlight = 4;

const base64 = (vector: Float32Array<ArrayBuffer>) => Buffer.from(vector.buffer).toString("base64");

/** Adds one document and tells its position. */
async function add(url: string, embedding: string): Promise<number> {
  const response = await post(`${url}/documents`, { title: "Added", chunks: [{ text: "added", embedding }] });
  const { seq }: { seq: number } = JSON.parse(await response.text());
  return seq;
}

/** Milliseconds from the sending of a document to each push that shows it or what came after. */
function delays(sent: ReadonlyMap<number, number>, { updates }: Figures): number[] {
  return updates.flatMap(({ seq, at }) => {
    const begin = sent.get(seq);
    return begin === undefined ? [] : [at - begin];
  });
}

/** Live queries of random vectors, each for its ten nearest, over documents of random vectors. */
export async function measureLive(server: ServerUnderTest, queries: number, pace: number): Promise<LiveRow> {
  const random = seededRandom(queries);
  const vector = () => base64(randomUnitVector(dimension, random));
  const { id } = await createVectorLibrary(server.url, dimension);
  const url = `${server.url}/v1/libraries/${id}`;
  for (let added = 0; added < chunksBefore; added += 500) {
    const documents = Array.from({ length: 500 }, () => ({
      title: "Before",
      chunks: [{ text: "b", embedding: vector() }],
    }));
    await upload(server.url, id, documents);
  }
  const readers = new Readers();
  await readers.connect(`${server.socketUrl}/v1/libraries/${id}/ws`, Math.ceil(queries / queriesPerConnection));
  await readers.send(
    Array.from({ length: queries }, (_, index) =>
      JSON.stringify({ request_id: `${index}`, action: "subscribe", data: { query: { embedding: vector(), k: 10 } } }),
    ),
  );

  const sent = new Map<number, number>();
  const begin = now();
  const adds: Promise<void>[] = [];
  for (let number = 0; number < addedAtPace; number++) {
    const due = begin + (number * 1000) / pace;
    while (now() < due) await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - now())));
    const at = now();
    adds.push(add(url, vector()).then((seq) => void sent.set(seq, at)));
  }
  await Promise.all(adds);
  await settled(readers, url);
  const paced = delays(sent, await readers.collect());

  sent.clear();
  const vectors = Array.from({ length: addedAtFull }, vector).values();
  const from = now();
  const work = async () => {
    for (const embedding of vectors) {
      const at = now();
      sent.set(await add(url, embedding), at);
    }
  };
  await Promise.all(Array.from({ length: addsInFlight }, work));
  const last = await settled(readers, url);
  const full = await readers.collect();
  const end = Math.max(last, ...full.updates.map(({ at }) => at));
  await readers.stop();
  return {
    queries,
    pace,
    pushes: paced.length,
    p50: percentile(paced, 50),
    p99: percentile(paced, 99),
    sustained: addedAtFull / ((end - from) / 1000),
    sustainedP99: percentile(delays(sent, full), 99),
  };
}

/** Waits until what was written has been told; returns when it began to wait. */
async function settled(readers: Readers, url: string): Promise<number> {
  const answered = now();
  // One more document, whose pushes come after all others; where it enters no results, two seconds are enough.
  const probe = await readers.expect(1);
  await add(url, base64(Float32Array.from({ length: dimension }, (_, index) => (index === 0 ? 1 : 0))));
  await Promise.race([probe(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
  return answered;
}
