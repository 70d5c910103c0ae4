import type { Logger } from "pino";
import manifest from "../../package.json" with { type: "json" };

/** Milliseconds that the last spans may take; a collector that is gone must not hold up the end. */
const endTimeout = 3_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the usual variables of OpenTelemetry ask for traces. */
function isWanted(environment: Environment): boolean {
  if (environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  const exporter = environment["OTEL_TRACES_EXPORTER"] ?? "otlp";
  const endpoint = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  return exporter === "otlp" && endpoint !== undefined && endpoint !== "";
}

/**
 * Exports the spans of this process where OpenTelemetry's usual variables ask for that: OTLP over HTTP, as JSON. What it
 * takes is loaded only then. The exporter, the batches and the sampler read the other variables themselves
 * (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_BSP_*`, `OTEL_TRACES_SAMPLER`).
 *
 * @returns how to send what waits, and end.
 */
export async function startTracing(environment: Environment, logger: Logger): Promise<() => Promise<void>> {
  if (!isWanted(environment)) return async () => undefined;
  const [{ context, propagation, trace }, { AsyncLocalStorageContextManager }, core, sdk, exporter, resources] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/context-async-hooks"),
      import("@opentelemetry/core"),
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const resource = resources
    .resourceFromAttributes({
      "service.name": environment["OTEL_SERVICE_NAME"] ?? "arrwdb",
      "service.version": manifest.version,
    })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const provider = new sdk.BasicTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  logger.info("spans are exported");
  return async () => {
    try {
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error("The collector did not take them in time")), endTimeout).unref();
      });
      await Promise.race([provider.shutdown(), late]);
    } catch (error) {
      logger.warn({ err: error }, "the last spans could not be exported");
    }
  };
}
