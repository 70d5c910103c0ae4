import { useEffect } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { NotAllowed } from "../components/not-allowed.tsx";
import { LineChart } from "../components/line-chart.tsx";
import { bytes, count } from "../format.ts";
import { chartsOf } from "../health/charts.ts";
import type { Metrics } from "../health/prometheus.ts";
import { type Health, health, healthFault, watchHealth, librariesAsked } from "../health/watch-health.ts";
import { awaySince, refusal } from "../state/server.ts";
import { Indexes } from "./indexes.tsx";

const span = "last 2 minutes";

/** How the server does. */
export function HealthView() {
  useEffect(watchHealth, []);
  const now = health.value;
  const away = awaySince.value !== undefined;
  return (
    <section aria-labelledby="health-title" class="page">
      <div class="title">
        <h1 id="health-title">Server</h1>
        <p class={away ? "state bad" : "state good"}>{away ? "not responding" : "ready"}</p>
      </div>
      <Alert text={away || refusal.value !== undefined ? "" : healthFault.value} />
      {now === undefined ? (
        <p class="hint">{refusal.value === undefined ? "Loading…" : "Nothing to show."}</p>
      ) : (
        <Charts health={now} />
      )}
    </section>
  );
}

function Charts({ health: { courses, metrics, libraries } }: { readonly health: Health }) {
  const isPart = libraries.length === librariesAsked;
  const seen = isPart ? `the first ${librariesAsked} libraries it can access` : "the libraries it can access";
  const reason =
    metrics === undefined
      ? `The key is restricted to certain libraries, so server-wide metrics (requests, memory, event loop) are not shown. The figures below cover ${seen}.`
      : undefined;
  return (
    <>
      <NotAllowed reason={reason} />
      <h2 class="unseen">Throughput</h2>
      <div class="charts">
        {chartsOf(metrics !== undefined).map(({ title, format, lines, note }) => (
          <LineChart
            key={title}
            title={title}
            span={span}
            format={format}
            note={note}
            lines={lines.map(([name, course]) => ({ name, values: courses.of(course) }))}
          />
        ))}
      </div>
      {metrics !== undefined && <Facts metrics={metrics} />}
      <Indexes statistics={libraries} />
      {isPart && <p class="hint">This table shows at most {librariesAsked} libraries.</p>}
    </>
  );
}

function Facts({ metrics }: { readonly metrics: Metrics }) {
  const listening = (kind: string) => count(metrics.sum("arrwdb_subscriptions", (labels) => labels["kind"] === kind));
  const onDisk = metrics.sum("arrwdb_database_bytes") + metrics.sum("arrwdb_write_ahead_log_bytes");
  return (
    <p class="facts">
      Subscribers: <b>{listening("websocket")}</b> over WebSocket, <b>{listening("sse")}</b> over SSE,{" "}
      <b>{listening("live_queries")}</b> live queries, <b>{listening("sessions")}</b> in rooms;{" "}
      <b>{count(metrics.sum("arrwdb_event_readers_behind"))}</b> behind. Uploads in progress:{" "}
      <b>{count(metrics.sum("arrwdb_uploads_in_progress"))}</b>. On disk: <b>{bytes(onDisk)}</b>,{" "}
      <b>{bytes(metrics.sum("arrwdb_disk_free_bytes"))}</b> free.
    </p>
  );
}
