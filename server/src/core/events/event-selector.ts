import { type EventType, eventTypes } from "@arrwdb/protocol/events/events";
import { compile, type CompiledFilter, type Filter } from "@arrwdb/protocol/filter/filter";
import type { PublishedEvent } from "./published-event.ts";

/** Which events a reader subscribed to. */
export class EventSelector {
  readonly types: ReadonlySet<EventType>;
  readonly #filter: CompiledFilter | undefined;

  /**
   * @param types default is all
   * @param filter over the document that an event is about; events about none pass.
   */
  constructor(types: readonly EventType[] | undefined, filter: Filter | null | undefined) {
    this.types = new Set(types ?? eventTypes);
    this.#filter = filter === null || filter === undefined ? undefined : compile(filter);
  }

  wants(published: PublishedEvent): boolean {
    if (!this.types.has(published.event.type)) return false;
    if (this.#filter === undefined) return true;
    const { record } = published;
    return record === undefined || this.#filter(record);
  }
}
