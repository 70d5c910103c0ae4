import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

let shared: Registry | undefined;

/** The metrics of this process, such as its memory and the delay of its event loop: one set, however many servers it has. */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
    // Gauges with the name of a counter, which are there without the suffix as well.
    for (const kind of ["handles", "requests", "resources"]) shared.removeSingleMetric(`nodejs_active_${kind}_total`);
    for (const figure of ["min", "max", "p50", "p90", "p99"]) registerLagGauge(shared, figure);
  }
  return shared;
}

/**
 * Measuring the delay wakes an idle process a hundred times a second, so it starts with the first scrape. If nothing was
 * measured since the previous one, the meter's extremes are 0 and 292 years; only its mean is NaN, which replaces them.
 */
function registerLagGauge(registry: Registry, figure: string): void {
  const name = `nodejs_eventloop_lag_${figure}_seconds`;
  const [meter, mean] = [name, "nodejs_eventloop_lag_mean_seconds"].map((one) => registry.getSingleMetric(one));
  if (!(meter instanceof Gauge) || !(mean instanceof Gauge)) return;
  registry.removeSingleMetric(name);
  const told = new Gauge({
    name,
    help: `Event loop delay since the previous scrape: ${figure}`,
    registers: [],
    // Runs after that of the meter, which is registered before it.
    async collect() {
      const isMeasured = Number.isFinite(await valueOf(mean));
      this.set(isMeasured ? await valueOf(meter) : Number.NaN);
    },
  });
  registry.registerMetric(told);
}

const valueOf = async (gauge: Gauge): Promise<number> => (await gauge.get()).values[0]?.value ?? Number.NaN;
