import { useEffect } from "preact/hooks";
import { LineChart } from "../components/line-chart.tsx";
import { bytes, count, milliseconds, perSecond } from "../format.ts";
import { type Health, health, watchHealth } from "../state/health.ts";
import { libraries } from "../state/libraries.ts";
import { awaySince } from "../state/server.ts";

const span = "last 2 minutes";

/** How the server does. */
export function HealthView() {
  useEffect(watchHealth, []);
  const now = health.value;
  return (
    <section aria-labelledby="health-title" class="page">
      <div class="title">
        <h1 id="health-title">Server</h1>
        <p class={awaySince.value === undefined ? "state good" : "state bad"}>
          {awaySince.value === undefined ? "ready" : "does not answer"}
        </p>
      </div>
      {now === undefined ? <p class="hint">Asking the server…</p> : <Charts health={now} />}
    </section>
  );
}

function Charts({ health: now }: { readonly health: Health }) {
  const { statistics } = now;
  const { subscribers, lag } = statistics;
  return (
    <>
      <h2 class="unseen">Throughput</h2>
      <div class="charts">
        <LineChart
          title="Events"
          span={span}
          format={perSecond}
          lines={[
            { name: "committed", values: now.changes },
            { name: "delivered", values: now.deliveries },
          ]}
        />
        <LineChart
          title="Searches"
          span={span}
          format={perSecond}
          lines={[{ name: "answered", values: now.searches }]}
        />
        <LineChart
          title="From commit to subscriber"
          span={span}
          format={milliseconds}
          lines={[
            { name: "median", values: now.latency.p50 },
            { name: "99th", values: now.latency.p99 },
          ]}
        />
        <LineChart
          title="Events behind"
          span={span}
          format={count}
          lines={[{ name: "the last one", values: now.lag }]}
        />
        <LineChart title="Memory of indexes" span={span} format={bytes} lines={[{ name: "all", values: now.memory }]} />
        <LineChart
          title="Time to answer"
          span={span}
          format={milliseconds}
          lines={[{ name: "this page", values: now.answer }]}
        />
      </div>
      <p class="facts">
        Since {new Date(statistics.since).toLocaleString("en")}: <b>{count(statistics.published)}</b> events committed,{" "}
        <b>{count(statistics.delivered)}</b> delivered. Listening now: <b>{count(subscribers.total)}</b>
        {` (${count(subscribers.websocket)} by WebSocket, ${count(subscribers.sse)} by SSE, ${count(subscribers.live_queries)} live queries, ${count(subscribers.sessions)} rooms)`}
        ; {count(lag.behind)} are behind.
      </p>
      <Indexes health={now} />
    </>
  );
}

function Indexes({ health: { libraries: known } }: { readonly health: Health }) {
  const names = new Map((libraries.value ?? []).map(({ library }) => [library.id, library.name]));
  if (known.length === 0) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Indexes">
      <table>
        <thead>
          <tr>
            <th scope="col">Library</th>
            <th scope="col">Index</th>
            <th scope="col" class="number">
              Chunks in it
            </th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col" class="number">
              Memory
            </th>
            <th scope="col" class="number">
              Searches
            </th>
            <th scope="col" class="number">
              Recall
            </th>
          </tr>
        </thead>
        <tbody>
          {known.map(({ library_id, index, searches, recall }) => (
            <tr key={library_id}>
              <th scope="row">{names.get(library_id) ?? library_id}</th>
              <td>
                {index.kind ?? "not in memory"}
                {index.rebuilding && ", another one in the making"}
              </td>
              <td class="number">{count(index.chunks)}</td>
              <td class="number">{count(index.pending)}</td>
              <td class="number">{bytes(index.memory_bytes + index.metadata_memory_bytes)}</td>
              <td class="number">{count(searches.total)}</td>
              <td class="number">{recall === null ? "–" : recall.mean.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
