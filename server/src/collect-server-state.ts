import type { Services } from "./core/services.ts";
import type { WebhookDispatcher } from "./core/webhooks/webhook-dispatcher.ts";
import type { HttpState } from "./http/http-context.ts";
import type { Readiness } from "./listener/readiness.ts";
import type { Data } from "./store/data.ts";
import type { ServerState } from "./telemetry/server-state.ts";
import type { Gateway } from "./ws/websocket-gateway.ts";

/** Time-out in milliseconds for statistics of a thread or the disk; a scrape does not wait for a busy one. */
const lookTimeout = 1_000;

export interface Watched {
  readonly readiness: Readiness;
  readonly data: Data;
  readonly services: Services;
  readonly gateway: Gateway;
  readonly dispatcher: WebhookDispatcher;
  readonly http: HttpState;
}

/** Collects the state of all parts of the server. Never rejects, and takes bounded time. */
export async function lookAt({ readiness, data, services, gateway, dispatcher, http }: Watched): Promise<ServerState> {
  const state = await data.state(lookTimeout);
  const { budget } = services;
  return {
    ...state,
    ready: readiness.isReady,
    connections: gateway.size,
    requestsInProgress: http.requestsInProgress,
    rooms: services.rooms.size,
    budget: { taken: budget.taken, capacity: budget.capacity, waiting: budget.waiting },
    events: services.statistics.read(),
    webhooks: dispatcher.states,
  };
}
