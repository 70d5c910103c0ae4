import type { Logger } from "pino";
import manifest from "../../package.json" with { type: "json" };
import { tracingSettings } from "./tracing-settings.ts";

/** Time-out in milliseconds for flushing the last spans; an unreachable collector must not delay shutdown. */
const endTimeout = 3_000;

type TracingEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether OpenTelemetry's standard variables enable traces. */
function isWanted(environment: TracingEnvironment): boolean {
  if (environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  const exporter = environment["OTEL_TRACES_EXPORTER"] ?? "otlp";
  const endpoint = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? environment["OTEL_EXPORTER_OTLP_ENDPOINT"];
  return exporter === "otlp" && endpoint !== undefined && endpoint !== "";
}

/**
 * Exports the spans of this process if OpenTelemetry's standard variables enable it: OTLP over HTTP, as JSON. The SDK
 * is loaded only then. The exporter reads its own variables (`OTEL_EXPORTER_OTLP_HEADERS` and so on) itself.
 *
 * @returns a function that flushes the pending spans and shuts down
 */
export async function startTracing(environment: TracingEnvironment, logger: Logger): Promise<() => Promise<void>> {
  if (!isWanted(environment)) return async () => undefined;
  const [{ context, propagation, trace }, { AsyncLocalStorageContextManager }, core, sdk, exporter, resources] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/context-async-hooks"),
      import("@opentelemetry/core"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const { sampler, spanLimits, batches } = tracingSettings(environment, sdk, (warning) => logger.warn(warning));
  const { resourceAttributesEnvDetector, serviceNameEnvDetector } = resources;
  const provider = new sdk.TracerProvider({
    resource: resources
      .resourceFromAttributes({ "service.name": "arrwdb", "service.version": manifest.version })
      .merge(resources.detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler,
    spanLimits,
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new exporter.OTLPTraceExporter(), ...batches })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  logger.info("exporting traces");
  return async () => {
    try {
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error("The collector did not respond in time")), endTimeout).unref();
      });
      await Promise.race([provider.shutdown(), late]);
    } catch (error) {
      logger.warn({ err: error }, "the last spans could not be exported");
    }
  };
}
