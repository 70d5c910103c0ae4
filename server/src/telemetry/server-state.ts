import type { EventStatistics } from "@arrwdb/protocol/events/events";
import type { DataState } from "./data-state.ts";

/** The state collected for a scrape. */
export interface ServerState extends DataState {
  readonly ready: boolean;
  readonly connections: number;
  readonly requestsInProgress: number;
  readonly rooms: number;
  /** Bytes of lines between the socket and the disk, and their maximum. */
  readonly budget: { readonly taken: number; readonly capacity: number; readonly waiting: number };
  readonly events: EventStatistics;
  /** Webhooks by state. */
  readonly webhooks: Readonly<Record<"active" | "retrying" | "stopped", number>>;
}
