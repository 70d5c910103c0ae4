import { signal } from "@preact/signals";
import type { EventStatistics, LibraryStatistics } from "arrwdb-client";
import { libraries } from "./libraries.ts";
import { Rate } from "./rate.ts";
import { repeat } from "./repeat.ts";
import { client, noteError } from "./server.ts";

/** Values that a chart shows. */
const moments = 60;
const interval = 2_000;
/** Libraries that are asked for their statistics. */
const asked = 20;

/** What the charts show, the newest value last. */
export interface Health {
  readonly statistics: EventStatistics;
  readonly libraries: readonly LibraryStatistics[];
  readonly changes: readonly number[];
  readonly deliveries: readonly number[];
  readonly searches: readonly number[];
  readonly lag: readonly number[];
  readonly latency: { readonly p50: readonly number[]; readonly p99: readonly number[] };
  readonly memory: readonly number[];
  /** Milliseconds that the server took to answer, with the way. */
  readonly answer: readonly number[];
}

export const health = signal<Health | undefined>(undefined);

class Series {
  readonly #values: number[] = [];

  add(value: number): readonly number[] {
    this.#values.push(value);
    if (this.#values.length > moments) this.#values.shift();
    return [...this.#values];
  }
}

const rates = { changes: new Rate(), deliveries: new Rate(), searches: new Rate() };
const series = { lag: new Series(), p50: new Series(), p99: new Series(), memory: new Series(), answer: new Series() };

async function read(abort: AbortSignal): Promise<void> {
  const options = { signal: abort };
  const started = performance.now();
  const statistics = await client.value.eventStatistics(options);
  const answer = series.answer.add(performance.now() - started);
  const ids = (libraries.value ?? []).slice(0, asked).map(({ library }) => library.id);
  // One that was deleted meanwhile has nothing to tell.
  const all = await Promise.allSettled(ids.map((id) => client.value.library(id).statistics(options)));
  const known = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const now = performance.now();
  rates.changes.add(statistics.published, now);
  rates.deliveries.add(statistics.delivered, now);
  rates.searches.add(
    known.reduce((sum, { searches }) => sum + searches.total, 0),
    now,
  );
  const memory = known.reduce((sum, { index }) => sum + index.memory_bytes + index.metadata_memory_bytes, 0);
  health.value = {
    statistics,
    libraries: known,
    changes: rates.changes.history,
    deliveries: rates.deliveries.history,
    searches: rates.searches.history,
    lag: series.lag.add(statistics.lag.max),
    latency: {
      p50: series.p50.add(statistics.delivery_latency_ms.p50),
      p99: series.p99.add(statistics.delivery_latency_ms.p99),
    },
    memory: series.memory.add(memory),
    answer,
  };
}

/** Looks again and again, until the function that is returned is called. */
export function watchHealth(): () => void {
  return repeat(interval, async (abort) => {
    try {
      await read(abort);
    } catch (error) {
      if (abort.aborted) return;
      noteError(error);
      throw error;
    }
  });
}
