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
        <p class={away ? "state bad" : "state good"}>{away ? "does not answer" : "ready"}</p>
      </div>
      <Alert text={away || refusal.value !== undefined ? "" : healthFault.value} />
      {now === undefined ? (
        <p class="hint">{refusal.value === undefined ? "Asking the server…" : "Nothing to show."}</p>
      ) : (
        <Charts health={now} />
      )}
    </section>
  );
}

function Charts({ health: { courses, metrics, libraries } }: { readonly health: Health }) {
  const isPart = libraries.length === librariesAsked;
  const seen = isPart ? `the first ${librariesAsked} libraries that it sees` : "the libraries that it sees";
  const reason =
    metrics === undefined
      ? `The key is for some libraries alone, so the server's own figures are not shown: requests, memory, its event loop. What follows is of ${seen}.`
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
      {isPart && <p class="hint">No more than {librariesAsked} libraries are asked for this table.</p>}
    </>
  );
}

function Facts({ metrics }: { readonly metrics: Metrics }) {
  const listening = (kind: string) => count(metrics.sum("arrwdb_subscriptions", (labels) => labels["kind"] === kind));
  const onDisk = metrics.sum("arrwdb_database_bytes") + metrics.sum("arrwdb_write_ahead_log_bytes");
  return (
    <p class="facts">
      Listening now: <b>{listening("websocket")}</b> by WebSocket, <b>{listening("sse")}</b> by SSE,{" "}
      <b>{listening("live_queries")}</b> live queries, <b>{listening("sessions")}</b> in rooms;{" "}
      <b>{count(metrics.sum("arrwdb_event_readers_behind"))}</b> are behind. Uploads under way:{" "}
      <b>{count(metrics.sum("arrwdb_uploads_in_progress"))}</b>. On disk: <b>{bytes(onDisk)}</b>,{" "}
      <b>{bytes(metrics.sum("arrwdb_disk_free_bytes"))}</b> are free.
    </p>
  );
}
