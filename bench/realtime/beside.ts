import { setTimeout as pause } from "node:timers/promises";
import { adminKey, bearer, createKey } from "../../test/support/server/access.ts";
import { post } from "../../test/support/server/test-server.ts";
import { randomUnitVector, seededRandom } from "../../test/support/data/vectors.ts";
import { percentile } from "../support/figures.ts";
import { type ServerUnderTest, startServerUnderTest } from "../support/server-under-test.ts";
import { now, type Update } from "./messages.ts";
import { Readers } from "./processes.ts";

export interface BesideRow {
  /** Live queries of one client, and how many of them each write changes. */
  readonly queries: number;
  readonly changed: Changed;
  /** Of a search of another library by another client, in milliseconds: while the live queries begin, and while they stand. */
  readonly beginning: number;
  readonly p50: number;
  readonly p99: number;
  /** Pushes, and milliseconds from the receipt of a write until the push that shows it. */
  readonly pushes: number;
  readonly delay: number;
  readonly delayP99: number;
}

export type Changed = "few" | "all";

const dimension = 256;
const chunksBefore = 2_000;
const queriesPerConnection = 500;
const writesPerSecond = 20;
const seconds = 8;
const k = 10;
const text = "It stands here for a text that was cut into chunks, each as long as a few sentences are. ".repeat(6);

const base64 = (vector: Float32Array<ArrayBuffer>) => Buffer.from(vector.buffer).toString("base64");

/** The vectors of one row, of which some are near each other. */
class Vectors {
  readonly #random;
  readonly #middle;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#middle = this.any();
  }

  any(): Float32Array<ArrayBuffer> {
    return randomUnitVector(dimension, this.#random);
  }

  /** So far from the middle. */
  near(distance: number): Float32Array<ArrayBuffer> {
    const to = this.any();
    const mixed = this.#middle.map((value, index) => value + distance * (to[index] ?? 0));
    const length = Math.hypot(...mixed);
    return mixed.map((value) => value / length);
  }
}

/** Live queries of one client on a library that is written 20 times a second, and searches of another one by another client. */
export async function measureBeside(queries: number, changed: Changed): Promise<BesideRow> {
  // It asks for keys, by which callers are told apart.
  const server = await startServerUnderTest({ ARRWDB_ADMIN_KEY: adminKey });
  const vectors = new Vectors(queries);
  const [one, other] = await Promise.all([createKey(server.url), createKey(server.url)]);
  const [watched, searched] = [await fill(server, vectors), await fill(server, vectors)];
  const search = async () => {
    const body = { embedding: base64(vectors.any()), k };
    const response = await post(`${server.url}/v1/libraries/${searched}/search`, body, bearer(other.key));
    await response.arrayBuffer();
  };

  const readers = new Readers();
  const connections = Math.max(1, Math.ceil(queries / queriesPerConnection));
  await readers.connect(`${server.socketUrl}/v1/libraries/${watched}/ws`, connections, one.key);
  const frames = Array.from({ length: queries }, (_, index) => {
    const embedding = base64(changed === "all" ? vectors.near(0.05) : vectors.any());
    return JSON.stringify({ request_id: `${index}`, action: "subscribe", data: { query: { embedding, k } } });
  });
  const beginning = await timesUntil(search, readers.send(frames));
  await readers.collect();

  const writing = writeSteadily(`${server.url}/v1/libraries/${watched}/documents`, (part) =>
    // Nearer and nearer, so that each write enters the hits of every query.
    changed === "all" ? vectors.near(0.5 - 0.45 * part) : vectors.any(),
  );
  const times = await timesUntil(search, writing);
  const receipts = await writing;
  await pause(1_000);
  const { updates } = await readers.collect();
  await readers.stop();
  await server.stop();
  const delays = delaysOf(receipts, updates, changed);
  return {
    queries,
    changed,
    beginning: percentile(beginning, 50),
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    pushes: updates.length,
    delay: percentile(delays, 50),
    delayP99: percentile(delays, 99),
  };
}

/** A library with chunks of random vectors. */
async function fill({ url }: ServerUnderTest, vectors: Vectors): Promise<string> {
  const body = { name: "bench", embedding_model: "none", dimension };
  const created = await post(`${url}/v1/libraries`, body, bearer(adminKey));
  const { id }: { id: string } = JSON.parse(await created.text());
  const lines = Array.from({ length: chunksBefore }, (_, number) =>
    JSON.stringify({ title: `${number}`, chunks: [{ text, embedding: base64(vectors.any()) }] }),
  );
  const upload = { method: "POST", headers: bearer(adminKey), body: lines.join("\n") };
  await (await fetch(`${url}/v1/libraries/${id}/documents/stream`, upload)).arrayBuffer();
  return id;
}

/** Milliseconds of each of the searches that are made, one after the other, until something is done. */
async function timesUntil(search: () => Promise<void>, something: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  const done = new AbortController();
  const ended = something.finally(() => done.abort());
  while (!done.signal.aborted) {
    const begin = now();
    await search();
    times.push(now() - begin);
    await pause(5);
  }
  await ended;
  return times;
}

/**
 * Adds documents at an even pace, whatever the answers take.
 *
 * @param vectorAt gives the vector of what is written when this part of the time has passed
 * @returns when the receipt of each position came
 */
async function writeSteadily(
  url: string,
  vectorAt: (part: number) => Float32Array<ArrayBuffer>,
): Promise<ReadonlyMap<number, number>> {
  const receipts = new Map<number, number>();
  const write = async (embedding: string) => {
    const response = await post(url, { title: "Written", chunks: [{ text, embedding }] }, bearer(adminKey));
    const { seq }: { seq: number } = JSON.parse(await response.text());
    receipts.set(seq, now());
  };
  const writes = seconds * writesPerSecond;
  const begin = now();
  const written: Promise<void>[] = [];
  for (let number = 0; number < writes; number++) {
    await pause(Math.max(0, begin + (number * 1_000) / writesPerSecond - now()));
    written.push(write(base64(vectorAt(number / writes))));
  }
  await Promise.all(written);
  return receipts;
}

/** Where each write changes every query, a push that comes instead of several counts from the first of those. */
function delaysOf(
  receipts: ReadonlyMap<number, number>,
  updates: readonly Update[],
  changed: Changed,
): readonly number[] {
  const told = new Map<string, number>();
  return updates.flatMap(({ query, seq, at }) => {
    const before = told.get(query);
    told.set(query, seq);
    const receipt = receipts.get(changed === "all" && before !== undefined ? before + 1 : seq);
    return receipt === undefined ? [] : [Math.max(0, at - receipt)];
  });
}
