import { effect, signal } from "@preact/signals";
import { ArrwClientError, type LibraryStatistics } from "arrwdb-client";
import { libraries } from "../state/libraries.ts";
import { repeat } from "../state/repeat.ts";
import { client, keyHeaders, noteError, refusal } from "../state/server.ts";
import { lacking } from "../state/permission.ts";
import { Courses } from "./courses.ts";
import { addLibraries, ServerFigures } from "./figures.ts";
import { Metrics } from "./prometheus.ts";

const interval = 2_000;
/** Maximum of libraries whose statistics are requested. */
export const librariesAsked = 20;
/** Milliseconds without a reading after which charts start over, as their time axis would be wrong. */
const longestGap = 15_000;

/** What the charts show. */
export interface Health {
  readonly courses: Courses;
  /** Undefined if the key does not allow them. */
  readonly metrics: Metrics | undefined;
  readonly libraries: readonly LibraryStatistics[];
}

export const health = signal<Health | undefined>(undefined);
/** Why there is nothing new. */
export const healthFault = signal("");

let courses = new Courses();
let figures = new ServerFigures();
let lookedAt = Number.NEGATIVE_INFINITY;

function beginAnew(): void {
  [courses, figures] = [new Courses(), new ServerFigures()];
  health.value = undefined;
}

/** The server's own metrics, which are text and nothing of the client's. */
async function readMetrics(abort: AbortSignal): Promise<Metrics | undefined> {
  if (lacking("read", "this", true) !== undefined) return undefined;
  const signalled = AbortSignal.any([abort, AbortSignal.timeout(10_000)]);
  const response = await fetch("metrics", { headers: keyHeaders(), signal: signalled });
  if (response.ok) return new Metrics(await response.text());
  // Metrics that the key does not allow, or a proxy blocks, are omitted with a note.
  if (response.status === 403 || response.status === 404) return undefined;
  const message = `The request for metrics failed with status ${response.status}`;
  throw new ArrwClientError("protocol", message, { status: response.status });
}

async function read(abort: AbortSignal): Promise<void> {
  const started = performance.now();
  if (started - lookedAt > longestGap) beginAnew();
  const metrics = await readMetrics(abort);
  courses.add("answer", metrics === undefined ? undefined : performance.now() - started);
  const ids = (libraries.value ?? []).slice(0, librariesAsked).map(({ library }) => library.id);
  // A library deleted meanwhile has no statistics.
  const all = await Promise.allSettled(ids.map((id) => client.value.library(id).statistics({ signal: abort })));
  abort.throwIfAborted();
  const known = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  lookedAt = performance.now();
  if (metrics === undefined) addLibraries(courses, known, lookedAt);
  else figures.add(courses, metrics, lookedAt);
  healthFault.value = "";
  health.value = { courses, metrics, libraries: known };
}

/** Looks again and again, until the function that is returned is called. */
export function watchHealth(): () => void {
  let before = client.value;
  return effect(() => {
    // Another key shows other things.
    if (client.value !== before) beginAnew();
    before = client.value;
    if (refusal.value !== undefined) return undefined;
    return repeat(interval, async (abort) => {
      try {
        await read(abort);
      } catch (error) {
        if (abort.aborted) return;
        // The browser's own error of a request that reached no server, under the client's code.
        const away = error instanceof TypeError ? new ArrwClientError("network", "The server does not respond") : error;
        healthFault.value = noteError(away);
        throw error;
      }
    });
  });
}
