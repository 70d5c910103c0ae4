import { createVectorLibrary } from "../../test/support/server/test-server.ts";
import { randomUnitVector, seededRandom } from "../../test/support/data/vectors.ts";
import { startServerUnderTest } from "../support/server-under-test.ts";
import { Readers } from "./processes.ts";

/** Bytes of resident memory of the server for one of each. */
export interface MemoryRow {
  readonly connection: number;
  readonly subscription: number;
  /** Of 1,024 dimensions, for its ten nearest, on a connection that it shares with 499 others. */
  readonly liveQuery: number;
}

const connections = 2_000;
const queries = 10_000;
const dimension = 1_024;

/** How much more a server of its own takes after each step than before, by count. */
export async function measureMemory(): Promise<MemoryRow> {
  const server = await startServerUnderTest();
  const { id } = await createVectorLibrary(server.url, dimension);
  const socketUrl = `${server.socketUrl}/v1/libraries/${id}/ws`;
  const readers = new Readers();
  // What the first ones cost is the server's, not theirs.
  await readers.connect(socketUrl, 100);
  await readers.send(Array.from({ length: 100 }, () => frame({})));
  await readers.disconnect();

  const idle = await rested(server.memory);
  await readers.connect(socketUrl, connections);
  const connected = await rested(server.memory);
  await readers.send(Array.from({ length: connections }, () => frame({})));
  const subscribed = await rested(server.memory);
  await readers.disconnect();

  const random = seededRandom(1);
  await readers.connect(socketUrl, queries / 500);
  await readers.send([query(random)]);
  const before = await rested(server.memory);
  await readers.send(Array.from({ length: queries }, () => query(random)));
  const watching = await rested(server.memory);
  await readers.stop();
  await server.stop();
  return {
    connection: (connected - idle) / connections,
    subscription: (subscribed - connected) / connections,
    liveQuery: (watching - before) / queries,
  };
}

const frame = (data: unknown) => JSON.stringify({ request_id: "s", action: "subscribe", data });

function query(random: () => number): string {
  const embedding = Buffer.from(randomUnitVector(dimension, random).buffer).toString("base64");
  return frame({ query: { embedding, k: 10 } });
}

/** The least of some looks, so that what is about to be collected counts less. */
async function rested(memory: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 20; look++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    least = Math.min(least, await memory());
  }
  return least;
}
