import { eventTypes } from "@arrwdb/protocol/events/events";
import { countedPlans } from "@arrwdb/protocol/statistics";
import { Counter, Gauge, Registry } from "prom-client";
import { Quantiles } from "./quantiles.ts";
import type { HoldState, SearchingState } from "./data-state.ts";
import type { ServerState } from "./server-state.ts";

/** The state collected on scrape: gauges, and counters for monotonic values. */
export class StateMetrics {
  readonly registry = new Registry();
  readonly #ready = this.#gauge("arrwdb_ready", "1 while requests are served, 0 while starting and stopping");
  readonly #answered = this.#gauge(
    "arrwdb_scrape_source_up",
    "1 if the source of other metrics answered in time; if 0, their values are the last known ones",
    ["source"],
  );
  readonly #connections = this.#gauge("arrwdb_websocket_connections", "WebSocket connections");
  readonly #requests = this.#gauge(
    "arrwdb_http_requests_in_progress",
    "HTTP requests in progress, except event streams",
  );
  readonly #rooms = this.#gauge("arrwdb_rooms", "Rooms with at least one participant");
  readonly #queues = this.#gauge("arrwdb_queue_length", "Items waiting or in progress, by queue", ["queue"]);
  readonly #buffered = this.#gauge("arrwdb_ingest_buffered_bytes", "Bytes of lines between the socket and the disk");
  readonly #capacity = this.#gauge(
    "arrwdb_ingest_buffered_limit_bytes",
    "Maximum of these bytes for all uploads together",
  );
  readonly #webhooks = this.#gauge(
    "arrwdb_webhooks",
    "Webhooks: active, retrying after a failed call, or stopped, by an administrator or after failing for days",
    ["state"],
  );
  readonly #subscriptions = this.#gauge("arrwdb_subscriptions", "Subscriptions by kind, including live queries", [
    "kind",
  ]);
  readonly #published = this.#counter("arrwdb_events_published_total", "Events published", ["type"]);
  readonly #delivered = this.#counter("arrwdb_events_delivered_total", "Events sent to a subscriber", ["type"]);
  readonly #updates = this.#counter("arrwdb_live_query_updates_total", "Live query updates sent");
  readonly #lag = this.#gauge("arrwdb_event_lag_events", "Events that the slowest subscriber has not received yet");
  readonly #behind = this.#gauge("arrwdb_event_readers_behind", "Subscribers that are behind");
  readonly #delivery = new Quantiles({
    name: "arrwdb_event_delivery_seconds",
    help: "Time from the change until its event was sent, for events delivered live, since startup",
    labelNames: ["quantile"],
    registers: [this.registry],
  });
  readonly #threads = this.#gauge("arrwdb_thread_utilization_ratio", "Fraction of time in which a thread was working", [
    "thread",
  ]);
  readonly #turns = this.#counter(
    "arrwdb_thread_turns_total",
    "Number of turns that a kind of work had on a shared thread",
    ["thread", "work"],
  );
  readonly #longTurns = this.#counter("arrwdb_thread_long_turns_total", "Number of turns longer than 10 ms", [
    "thread",
    "work",
  ]);
  readonly #held = this.#counter("arrwdb_thread_held_seconds_total", "Total time of these turns", ["thread", "work"]);
  readonly #longest = this.#gauge("arrwdb_thread_longest_turn_seconds", "Longest turn since startup", [
    "thread",
    "work",
  ]);
  readonly #commits = this.#counter("arrwdb_commits_total", "Transactions");
  readonly #writes = this.#counter("arrwdb_writes_total", "Write requests committed");
  readonly #pending = this.#gauge("arrwdb_index_pending_vectors", "Vectors not yet in their index");
  readonly #rebuilding = this.#gauge("arrwdb_index_rebuilding", "Libraries whose index is being rebuilt");
  readonly #libraries = this.#gauge("arrwdb_index_libraries", "Libraries with an index in memory", ["kind"]);
  readonly #chunks = this.#gauge("arrwdb_index_chunks", "Chunks in the indexes", ["kind"]);
  readonly #memory = this.#gauge("arrwdb_index_memory_bytes", "Memory used by the indexes", ["kind"]);
  readonly #metadata = this.#gauge("arrwdb_metadata_index_memory_bytes", "Memory used by the metadata indexes");
  readonly #searches = this.#counter("arrwdb_searches_total", "Searches answered", ["exact"]);
  readonly #plans = this.#counter("arrwdb_search_plans_total", "Searches answered, by query plan", ["plan"]);
  readonly #recall = this.#gauge("arrwdb_recall_ratio", "Measured recall of approximate results, newest samples");
  readonly #samples = this.#counter("arrwdb_recall_samples_total", "Results whose recall was measured");
  readonly #libraryRecall = this.#gauge(
    "arrwdb_library_recall_ratio",
    "Measured recall of the most searched libraries",
    ["library"],
  );
  readonly #librarySearches = this.#gauge(
    "arrwdb_library_searches",
    "Searches of the most searched libraries, since startup",
    ["library"],
  );
  readonly #free = this.#gauge("arrwdb_disk_free_bytes", "Free space on the data disk");
  readonly #size = this.#gauge("arrwdb_disk_size_bytes", "Size of the data disk");
  readonly #database = this.#gauge("arrwdb_database_bytes", "Size of the database file");
  readonly #unused = this.#gauge("arrwdb_database_free_bytes", "Unused space within the database file");
  readonly #log = this.#gauge("arrwdb_write_ahead_log_bytes", "Size of the database's write-ahead log");

  update(state: ServerState): void {
    this.#ready.set(state.ready ? 1 : 0);
    this.#connections.set(state.connections);
    this.#requests.set(state.requestsInProgress);
    this.#rooms.set(state.rooms);
    for (const [queue, length] of Object.entries(state.queues)) this.#queues.set({ queue }, length);
    this.#queues.set({ queue: "upload_bytes" }, state.budget.waiting);
    this.#buffered.set(state.budget.taken);
    this.#capacity.set(state.budget.capacity);
    for (const { thread, utilization } of state.threads) this.#threads.set({ thread }, utilization);
    for (const [name, count] of Object.entries(state.webhooks)) this.#webhooks.set({ state: name }, count);
    this.#updateEvents(state.events);
    const { writing, searching, live, disk } = state;
    for (const [source, answer] of Object.entries({ writing, searching, live, disk })) {
      this.#answered.set({ source }, answer === undefined ? 0 : 1);
    }
    if (writing !== undefined) {
      become(this.#commits, {}, writing.commits);
      become(this.#writes, {}, writing.writes);
      this.#queues.set({ queue: "held_writes" }, writing.held);
      this.#unused.set(writing.free);
    }
    if (searching !== undefined) this.#updateSearching(searching);
    if (writing !== undefined) this.#updateHolds("writing", writing.holds);
    if (searching !== undefined) this.#updateHolds("search", searching.holds);
    if (live !== undefined) this.#updateHolds("live", live.holds);
    if (disk !== undefined) {
      this.#free.set(disk.free);
      this.#size.set(disk.size);
      this.#database.set(disk.database);
      this.#log.set(disk.log);
    }
  }

  #updateHolds(thread: string, holds: readonly HoldState[]): void {
    for (const { work, turns, long, total, longest } of holds) {
      become(this.#turns, { thread, work }, turns);
      become(this.#longTurns, { thread, work }, long);
      become(this.#held, { thread, work }, total / 1_000);
      this.#longest.set({ thread, work }, longest / 1_000);
    }
  }

  #updateEvents(events: ServerState["events"]): void {
    const { total: _, ...kinds } = events.subscribers;
    for (const [kind, count] of Object.entries(kinds)) this.#subscriptions.set({ kind }, count);
    this.#published.reset();
    this.#delivered.reset();
    begin(this.#published, "type", eventTypes);
    begin(this.#delivered, "type", eventTypes);
    for (const [type, { published, delivered }] of Object.entries(events.by_type)) {
      this.#published.inc({ type }, published);
      this.#delivered.inc({ type }, delivered);
    }
    become(this.#updates, {}, events.live_query_updates);
    this.#lag.set(events.lag.max);
    this.#behind.set(events.lag.behind);
    const { p50, p95, p99 } = events.delivery_latency_ms;
    for (const [quantile, value] of Object.entries({ "0.5": p50, "0.95": p95, "0.99": p99 })) {
      this.#delivery.set({ quantile }, value / 1_000);
    }
  }

  #updateSearching(state: SearchingState): void {
    this.#pending.set(state.pending);
    this.#rebuilding.set(state.rebuilding);
    for (const { kind, libraries, chunks, bytes } of state.indexes) {
      this.#libraries.set({ kind }, libraries);
      this.#chunks.set({ kind }, chunks);
      this.#memory.set({ kind }, bytes);
    }
    this.#metadata.set(state.metadataBytes);
    this.#searches.reset();
    this.#searches.inc({ exact: "true" }, state.exact);
    this.#searches.inc({ exact: "false" }, state.searches - state.exact);
    this.#plans.reset();
    begin(this.#plans, "plan", countedPlans);
    for (const [plan, count] of Object.entries(state.plans)) this.#plans.inc({ plan }, count);
    // NaN, not 0: nothing was measured.
    if (state.recall === null) this.#recall.set(Number.NaN);
    else this.#recall.set(state.recall.mean);
    become(this.#samples, {}, state.recallSamples);
    this.#libraryRecall.reset();
    this.#librarySearches.reset();
    for (const { id: library, searches, recall } of state.libraries) {
      this.#librarySearches.set({ library }, searches);
      if (recall !== null) this.#libraryRecall.set({ library }, recall.mean);
    }
  }

  #gauge<Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

/** Sets a counter to a total that is counted elsewhere. */
function become(counter: Counter, labels: Readonly<Record<string, string>>, value: number): void {
  counter.remove(labels);
  counter.inc(labels, value);
}

/** Starts counters at 0, so that Prometheus sees the first event as an increase. */
function begin(counter: Counter, label: string, values: readonly string[]): void {
  for (const value of values) counter.inc({ [label]: value }, 0);
}
