import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { defaultEventSettings, type Library } from "@arrwdb/protocol/documents/model";
import type { Store } from "../../../server/src/store/store.ts";
import { dimension } from "../store-fixture.ts";

/** Stores on the same data, each as if in a process of its own. */
export interface ClusterHarness {
  readonly stores: readonly [Store, Store, Store];
  /** Cuts every connection of the nodes, as a network fault does. */
  readonly cutConnections: () => Promise<void>;
  readonly destroy: () => Promise<void>;
}

export const createLibrary = (store: Store, name = "Library"): Promise<Library> =>
  store.libraries.create({ name, description: null, embeddingModel: "none", dimension, events: defaultEventSettings });

/** Records the events that a store tells of one library. */
export function recordEvents(store: Store, libraryId: () => string | undefined) {
  const events: LibraryEvent[] = [];
  const stop = store.events.onCommit((told) => {
    events.push(...told.filter((event) => event.library_id === libraryId()));
  });
  return { events, stop };
}
