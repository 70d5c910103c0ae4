import { parseArgs } from "node:util";
import { measureBeside } from "./realtime/beside.ts";
import { measureDelivery } from "./realtime/delivery.ts";
import { measureLive } from "./realtime/live.ts";
import { measureMemory } from "./realtime/memory.ts";
import { measureSlowReaders } from "./realtime/slow.ts";
import { startServerUnderTest } from "./support/server-under-test.ts";

/**
 * How fast events and live queries are told, each part with the server, the readers and the writers in processes of their
 * own on one machine, in one run.
 */
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
});
const parts = new Set(values.only ?? ["delivery", "slow", "live", "beside", "memory"]);
const progress = (text: string) => process.stderr.write(`${text}\n`);

async function inTurn<Value, Row>(inputs: readonly Value[], run: (input: Value) => Promise<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const input of inputs) rows.push(await run(input));
  return rows;
}

const server = await startServerUnderTest();
const delivery = await inTurn(
  parts.has("delivery")
    ? ([
        [1, 10_000],
        [100, 4_000],
        [1_000, 1_000],
      ] as const)
    : [],
  ([subscribers, events]) => {
    progress(`events to ${subscribers} subscribers`);
    return measureDelivery(server, subscribers, events);
  },
);
const slow = await inTurn(parts.has("slow") ? [0, 100, 0, 100] : [], (readers) => {
  progress(`${readers} readers that do not read`);
  return measureSlowReaders(server, readers);
});
const live = await inTurn(parts.has("live") ? [100, 1_000, 10_000] : [], (queries) => {
  progress(`${queries} live queries`);
  return measureLive(server, queries, 50);
});
await server.stop();
const beside = await inTurn(
  parts.has("beside")
    ? ([
        [0, "few"],
        [3_200, "few"],
        [10_000, "few"],
        [3_200, "all"],
        [10_000, "all"],
      ] as const)
    : [],
  ([queries, changed]) => {
    progress(`another library's searches beside ${queries} live queries, of which each write changes ${changed}`);
    return measureBeside(queries, changed);
  },
);
if (parts.has("memory")) progress("memory");
const memory = parts.has("memory") ? await measureMemory() : undefined;

const whole = (number: number) => Math.round(number).toLocaleString("en");
const tenth = (number: number) => number.toFixed(1);
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, ...rows].map((row) => row.map((cell) => cell.padStart(15)).join("")).join("\n");

const sections = [
  delivery.length > 0 &&
    `Events delivered a second, beside a bare ws broadcast of the same bytes (milliseconds from the commit)\n${table(
      ["subscribers", "events/s", "p50", "p99", "bare ws/s", "bare p50", "bare p99", "ratio"],
      delivery.map((row) => [
        whole(row.subscribers),
        whole(row.deliveredPerSecond),
        tenth(row.p50),
        tenth(row.p99),
        whole(row.barePerSecond),
        tenth(row.bareP50),
        tenth(row.bareP99),
        row.ratio.toFixed(2),
      ]),
    )}`,
  slow.length > 0 &&
    `Ten readers that read, beside others that do not, at full write speed\n${table(
      ["not reading", "p50", "p99", "memory, MB", "writes/s"],
      slow.map((row) => [
        whole(row.slowReaders),
        tenth(row.p50),
        tenth(row.p99),
        whole(row.memory / 1_048_576),
        whole(row.writesPerSecond),
      ]),
    )}`,
  live.length > 0 &&
    `Live queries of 1,024 dimensions, k = 10 (milliseconds from the sending of a document to its push)\n${table(
      ["queries", "documents/s", "pushes", "p50", "p99", "at most/s", "its p99"],
      live.map((row) => [
        whole(row.queries),
        whole(row.pace),
        whole(row.pushes),
        tenth(row.p50),
        tenth(row.p99),
        whole(row.sustained),
        tenth(row.sustainedP99),
      ]),
    )}`,
  beside.length > 0 &&
    `Searches of another library by another client, and live queries of one that is written 20 times a second (milliseconds)\n${table(
      ["queries", "a write changes", "search p50", "its p99", "as they begin", "pushes", "delay p50", "its p99"],
      beside.map((row) => [
        whole(row.queries),
        row.changed,
        tenth(row.p50),
        tenth(row.p99),
        row.queries === 0 ? "" : tenth(row.beginning),
        whole(row.pushes),
        tenth(row.delay),
        tenth(row.delayP99),
      ]),
    )}`,
  memory !== undefined &&
    `Memory of the server for one, in KB\n${table(
      ["connection", "subscription", "live query"],
      [[memory.connection, memory.subscription, memory.liveQuery].map((bytes) => tenth(bytes / 1024))],
    )}`,
].filter((section) => typeof section === "string");

process.stdout.write(
  values.json ? `${JSON.stringify({ delivery, slow, live, beside, memory })}\n` : `${sections.join("\n\n")}\n`,
);
