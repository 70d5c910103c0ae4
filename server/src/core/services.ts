import type { EmbedderRegistry } from "../embedding/embedder-registry.ts";
import type { Store } from "../store/store.ts";
import { ByteBudget } from "./byte-budget.ts";
import { Documents } from "./documents.ts";
import { EventHub } from "./event-hub.ts";
import { Ingestion } from "./ingestion.ts";
import { Libraries } from "./libraries.ts";
import { LibraryDirectory } from "./library-directory.ts";
import { Searches } from "./search.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Vectorizer } from "./vectorizer.ts";

/** Bytes of lines that all uploads together hold between the socket and the disk. */
const bytesInFlight = 64 * 1024 * 1024;
const queryTimeout = 30_000;

/** The core as the faces see it. */
export interface Services {
  readonly libraries: Libraries;
  readonly documents: Documents;
  readonly searches: Searches;
  readonly ingestion: Ingestion;
  readonly hub: EventHub;
  /** The subscriptions of one reader; `deliver` takes each event as JSON. */
  subscriptions(libraryId: string, deliver: (json: string) => void): Subscriptions;
}

export function createServices(store: Store, embedders: EmbedderRegistry): Services {
  const directory = new LibraryDirectory(store);
  const vectorizer = new Vectorizer(embedders, queryTimeout);
  const documents = new Documents(store, directory, vectorizer);
  const hub = new EventHub(store);
  return {
    libraries: new Libraries(store, embedders),
    documents,
    searches: new Searches(store, directory, vectorizer),
    ingestion: new Ingestion(documents, store, new ByteBudget(bytesInFlight)),
    hub,
    subscriptions: (libraryId, deliver) => new Subscriptions(libraryId, store, hub, deliver),
  };
}
