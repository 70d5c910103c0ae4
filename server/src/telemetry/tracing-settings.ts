import type * as sdkTrace from "@opentelemetry/sdk-trace";
import type { BatchSpanProcessorOptions, Sampler, SpanLimits } from "@opentelemetry/sdk-trace";

type Sdk = typeof sdkTrace;
type Environment = Readonly<Record<string, string | undefined>>;
/** Called for an invalid variable, with the value used instead. */
type Warn = (message: string) => void;

export interface TracingSettings {
  readonly sampler: Sampler;
  readonly spanLimits: SpanLimits;
  readonly batches: Omit<BatchSpanProcessorOptions, "exporter">;
}

/**
 * OpenTelemetry's standard variables for sampling, limits and batches, which its SDK no longer reads. As specified,
 * invalid values are reported, and treated as not set.
 */
export function tracingSettings(environment: Environment, sdk: Sdk, warn: Warn): TracingSettings {
  const number = (least: number, names: readonly string[], otherwise: number) =>
    names
      .map((name) => readNumber(environment, name, { least, most: Infinity }, warn))
      .find((value) => value !== undefined) ?? otherwise;
  return {
    sampler: samplerOf(environment, sdk, warn),
    spanLimits: {
      attributeCountLimit: number(0, ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"], 128),
      attributeValueLengthLimit: number(
        0,
        ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
        Infinity,
      ),
      eventCountLimit: number(0, ["OTEL_SPAN_EVENT_COUNT_LIMIT"], 128),
      linkCountLimit: number(0, ["OTEL_SPAN_LINK_COUNT_LIMIT"], 128),
    },
    batches: {
      maxExportBatchSize: number(1, ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"], 512),
      maxQueueSize: number(1, ["OTEL_BSP_MAX_QUEUE_SIZE"], 2_048),
      scheduledDelayMillis: number(1, ["OTEL_BSP_SCHEDULE_DELAY"], 5_000),
      exportTimeoutMillis: number(1, ["OTEL_BSP_EXPORT_TIMEOUT"], 30_000),
    },
  };
}

function samplerOf(environment: Environment, sdk: Sdk, warn: Warn): Sampler {
  const always = new sdk.AlwaysOnSampler();
  const never = new sdk.AlwaysOffSampler();
  const below = (root: Sampler) => new sdk.ParentBasedSampler({ root });
  const ratio = () => {
    const part = readNumber(environment, "OTEL_TRACES_SAMPLER_ARG", { least: 0, most: 1 }, warn);
    return new sdk.TraceIdRatioBasedSampler(part ?? 1);
  };
  const name = readText(environment, "OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
  switch (name) {
    case "always_on":
      return always;
    case "always_off":
      return never;
    case "traceidratio":
      return ratio();
    case "parentbased_always_off":
      return below(never);
    case "parentbased_traceidratio":
      return below(ratio());
    default:
      if (name !== "parentbased_always_on") {
        warn(`OTEL_TRACES_SAMPLER (${JSON.stringify(name)}) is not known; using parentbased_always_on`);
      }
      return below(always);
  }
}

/** Empty variables are not set. */
function readText(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === "" ? undefined : text;
}

function readNumber(
  environment: Environment,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
  warn: Warn,
): number | undefined {
  const text = readText(environment, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value >= least && value <= most) return value;
  const range = most === Infinity ? `a number of ${least} or more` : `a number from ${least} to ${most}`;
  warn(`${name} (${JSON.stringify(text)}) must be ${range}; using the default`);
  return undefined;
}
