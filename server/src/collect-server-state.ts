import type { Services } from "./core/services.ts";
import type { Dispatcher } from "./core/webhooks/webhook-dispatcher.ts";
import type { HttpState } from "./http/http-context.ts";
import type { Readiness } from "./readiness.ts";
import type { EmbeddedStore } from "./store/embedded/embedded-store.ts";
import type { ServerState } from "./telemetry/server-state.ts";
import type { Gateway } from "./ws/websocket-gateway.ts";

/** Milliseconds that a thread, or the disk, has to tell of itself; a scrape does not wait for one that is busy. */
const lookTimeout = 1_000;

export interface Watched {
  readonly readiness: Readiness;
  readonly store: EmbeddedStore;
  readonly services: Services;
  readonly gateway: Gateway;
  readonly dispatcher: Dispatcher;
  readonly http: HttpState;
}

/** Looks at all parts of the server. Never rejects, and takes a bounded time. */
export async function lookAt({ readiness, store, services, gateway, dispatcher, http }: Watched): Promise<ServerState> {
  const [writing, searching, live, disk] = await Promise.all([
    inTime(store.writerStatistics()),
    inTime(store.searchStatistics()),
    inTime(store.liveStatistics()),
    inTime(store.diskUsage()),
  ]);
  const { budget } = services;
  const { utilization } = store;
  return {
    ready: readiness.isReady,
    connections: gateway.size,
    requestsInProgress: http.requestsInProgress,
    rooms: services.sessions.size,
    queues: store.waiting,
    budget: { taken: budget.taken, capacity: budget.capacity, waiting: budget.waiting },
    events: services.statistics.read(),
    webhooks: dispatcher.states,
    threads: [
      { thread: "writing", utilization: utilization.writing },
      { thread: "search", utilization: utilization.search },
      { thread: "live", utilization: utilization.live },
    ],
    writing,
    searching,
    live,
    disk,
  };
}

/** What a promise gives, or undefined where it fails or takes too long. */
async function inTime<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), lookTimeout);
  try {
    return await Promise.race([promise, late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
