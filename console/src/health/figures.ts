import type { LibraryStatistics } from "arrwdb-client";
import type { Courses } from "./courses.ts";
import type { Metrics } from "./prometheus.ts";
import { grownBuckets, quantile } from "./quantile.ts";

const isSearch = ({ route, action }: Readonly<Record<string, string>>) =>
  action === "search" || route?.endsWith("/search") === true;

const inMilliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000);

/** Node's sampling interval in milliseconds, which its measured delay includes. */
const looksEvery = 10;

/** The delay of the event loop; undefined if it was not measured yet. */
const delay = (seconds: number | undefined) =>
  seconds === undefined || seconds === 0 ? undefined : Math.max(0, seconds * 1_000 - looksEvery);

/** How long searches have taken until now, by the bounds of the histograms. */
function searchTimes(metrics: Metrics): ReadonlyMap<number, number> {
  const all = new Map(metrics.buckets("arrwdb_http_request_duration_seconds", isSearch));
  for (const [bound, value] of metrics.buckets("arrwdb_websocket_request_duration_seconds", isSearch)) {
    all.set(bound, (all.get(bound) ?? 0) + value);
  }
  return all;
}

/** The server's metrics, as charts show them. */
export class ServerFigures {
  #searchTimes: ReadonlyMap<number, number> | undefined;

  add(courses: Courses, metrics: Metrics, now: number): void {
    const http = metrics.sum("arrwdb_http_request_duration_seconds_count");
    courses.rate("http", http, now);
    courses.rate("websocket", metrics.sum("arrwdb_websocket_request_duration_seconds_count"), now);
    courses.rate("errors", metrics.sum("arrwdb_errors_total"), now);
    courses.rate("documents", metrics.sum("arrwdb_documents_written_total"), now);
    courses.rate("chunks", metrics.sum("arrwdb_chunks_written_total"), now);
    courses.rate("searches", metrics.sum("arrwdb_searches_total"), now);
    courses.rate("committed", metrics.sum("arrwdb_events_published_total"), now);
    courses.rate("delivered", metrics.sum("arrwdb_events_delivered_total"), now);
    const times = searchTimes(metrics);
    const grown = grownBuckets(times, this.#searchTimes ?? times);
    this.#searchTimes = times;
    courses.add("search median", inMilliseconds(quantile(0.5, grown)));
    courses.add("search 99th", inMilliseconds(quantile(0.99, grown)));
    const delivery = (part: string) =>
      inMilliseconds(metrics.value("arrwdb_event_delivery_seconds", ({ quantile: one }) => one === part));
    courses.add("delivery median", delivery("0.5"));
    courses.add("delivery 99th", delivery("0.99"));
    courses.add("lag", metrics.value("arrwdb_event_lag_events"));
    courses.add("resident", metrics.value("process_resident_memory_bytes"));
    const indexes = metrics.sum("arrwdb_index_memory_bytes") + metrics.sum("arrwdb_metadata_index_memory_bytes");
    courses.add("indexes", indexes);
    courses.add("loop median", delay(metrics.value("nodejs_eventloop_lag_p50_seconds")));
    courses.add("loop 99th", delay(metrics.value("nodejs_eventloop_lag_p99_seconds")));
    courses.add("recall", metrics.value("arrwdb_recall_ratio"));
  }
}

/** The same from the statistics of the libraries that a key sees; other work of the server is not included. */
export function addLibraries(courses: Courses, libraries: readonly LibraryStatistics[], now: number): void {
  const sum = (of: (one: LibraryStatistics) => number) => libraries.reduce((total, one) => total + of(one), 0);
  courses.rate(
    "searches",
    sum(({ searches }) => searches.total),
    now,
  );
  courses.rate(
    "committed",
    sum(({ seq }) => seq),
    now,
  );
  courses.add(
    "indexes",
    sum(({ index }) => index.memory_bytes + index.metadata_memory_bytes),
  );
  const measured = libraries.flatMap(({ recall }) => (recall === null ? [] : [recall.mean]));
  if (measured.length > 0) courses.add("recall", Math.min(...measured));
}
