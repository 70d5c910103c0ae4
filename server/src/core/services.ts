import type { Monitor } from "../telemetry/monitor.ts";
import type { EmbedderRegistry } from "../embedding/embedder-registry.ts";
import { limits } from "@arrwdb/protocol/limits";
import type { Store } from "../store/store.ts";
import { ByteBudget } from "../scheduling/byte-budget.ts";
import { Documents } from "./documents/documents.ts";
import { EventHub } from "./events/event-hub.ts";
import { EventStatistics } from "./events/event-statistics.ts";
import { EventStreams } from "./events/event-streams.ts";
import { EventSubscriptions } from "./events/event-subscriptions.ts";
import { Ingestion } from "./ingestion/ingestion.ts";
import { Libraries } from "./libraries/libraries.ts";
import { LibraryNames } from "./libraries/library-names.ts";
import { LibraryDirectory } from "./libraries/library-directory.ts";
import { HitTexts } from "./live-queries/hit-texts.ts";
import { RepeatedSearches } from "./live-queries/repeated-searches.ts";
import { ConnectionLiveQueries } from "./live-queries/connection-live-queries.ts";
import { PositionWaits } from "./search/position-waits.ts";
import { Searches } from "./search/search.ts";
import { SearchLog } from "./search/search-log.ts";
import { Reembeddings } from "./reembedding/reembeddings.ts";
import type { ReembeddingPatience } from "./reembedding/reembedding-job.ts";
import { WriteGate } from "./reembedding/write-gate.ts";
import { RoomMemberships } from "./rooms/room-memberships.ts";
import { Rooms } from "./rooms/rooms.ts";
import type { Subscriber } from "./subscriber.ts";
import { ConnectionSubscriptions } from "./live-queries/connection-subscriptions.ts";
import { Vectorizer } from "./documents/vectorizer.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** The subscriptions and rooms of one connection. */
export interface Participation {
  readonly subscriptions: ConnectionSubscriptions;
  readonly rooms: RoomMemberships;
}

/** The core as the transports see it. */
export interface Services {
  readonly libraries: Libraries;
  readonly reembeddings: Reembeddings;
  readonly names: LibraryNames;
  readonly documents: Documents;
  readonly searches: Searches;
  readonly ingestion: Ingestion;
  readonly hub: EventHub;
  readonly streams: EventStreams;
  readonly statistics: EventStatistics;
  readonly rooms: Rooms;
  /** Bytes of lines between the socket and the disk. */
  readonly budget: ByteBudget;
  readonly webhooks: Webhooks;
  /** For a new connection to a library. */
  participate(libraryId: string, subscriber: Subscriber): Participation;
}

/** What the core is built from. */
export interface ServicesOptions {
  readonly store: Store;
  readonly embedders: EmbedderRegistry;
  readonly webhooks: Webhooks;
  readonly monitor: Monitor;
  /** Bytes of lines that all uploads together hold between the socket and the disk. */
  readonly uploadBytes: number;
  /** Time-out in milliseconds for embedding a query. */
  readonly queryTimeout: number;
  /** How long a re-embedding waits for a model that fails. */
  readonly reembeddingPatience: ReembeddingPatience;
  /** Called with errors of background work, which no caller awaits. */
  readonly onFault: (what: string, error: unknown) => void;
}

export function createServices(options: ServicesOptions): Services {
  const { store, embedders, webhooks, monitor, uploadBytes, queryTimeout, reembeddingPatience, onFault } = options;
  const directory = new LibraryDirectory(store);
  const vectorizer = new Vectorizer(embedders, queryTimeout);
  const gate = new WriteGate();
  const documents = new Documents({ store, directory, vectorizer, monitor, gate });
  const statistics = new EventStatistics();
  const hub = new EventHub(store, (event) => statistics.published(event));
  const positions = new PositionWaits(store, hub, limits.minSeqWait);
  const log = new SearchLog(store, (error) => onFault("a search.performed event could not be written", error));
  const searches = new Searches({ store, directory, vectorizer, positions, log, monitor });
  const budget = new ByteBudget(uploadBytes);
  const rooms = new Rooms(statistics);
  const texts = new HitTexts();
  const repeated = new RepeatedSearches(store, hub);
  return {
    libraries: new Libraries(store, embedders),
    reembeddings: new Reembeddings({ store, embedders, gate, patience: reembeddingPatience, onFault }),
    names: new LibraryNames(store),
    documents,
    searches,
    ingestion: new Ingestion({ documents, uploads: store.uploads, budget, monitor }),
    hub,
    streams: new EventStreams(store, hub, statistics),
    statistics,
    rooms,
    budget,
    webhooks,
    participate: (libraryId, subscriber) => ({
      subscriptions: new ConnectionSubscriptions(
        new EventSubscriptions({ libraryId, store, hub, statistics, subscriber }),
        new ConnectionLiveQueries({ libraryId, store, searches, repeated, statistics, subscriber, texts }),
      ),
      rooms: new RoomMemberships(libraryId, rooms, subscriber),
    }),
  };
}
