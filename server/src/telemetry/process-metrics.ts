import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

let shared: Registry | undefined;

/** The metrics of this process, such as its memory and the delay of its event loop: one set, however many servers it has. */
export function processMetrics(): Registry {
  if (shared === undefined) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
    // Gauges with the name of a counter, which are there without the suffix as well.
    for (const kind of ["handles", "requests", "resources"]) shared.removeSingleMetric(`nodejs_active_${kind}_total`);
    for (const figure of ["min", "max", "p50", "p90", "p99"]) tellOfMeasured(shared, figure);
  }
  return shared;
}

/**
 * The delay is measured from the first reading on, as that costs an idle process a hundred wake-ups a second. Where nothing was
 * measured since the last one, the meter's extremes are 0 and 292 years, and only its mean is no number.
 */
function tellOfMeasured(registry: Registry, figure: string): void {
  const name = `nodejs_eventloop_lag_${figure}_seconds`;
  const [meter, mean] = [name, "nodejs_eventloop_lag_mean_seconds"].map((one) => registry.getSingleMetric(one));
  if (!(meter instanceof Gauge) || !(mean instanceof Gauge)) return;
  registry.removeSingleMetric(name);
  const told = new Gauge({
    name,
    help: `The delay of the event loop since the last reading: ${figure}`,
    registers: [],
    // After that of the meter, which stands before it.
    async collect() {
      const isMeasured = Number.isFinite(await valueOf(mean));
      this.set(isMeasured ? await valueOf(meter) : Number.NaN);
    },
  });
  registry.registerMetric(told);
}

const valueOf = async (gauge: Gauge): Promise<number> => (await gauge.get()).values[0]?.value ?? Number.NaN;
