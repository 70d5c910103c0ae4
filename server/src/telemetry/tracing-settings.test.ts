import * as sdk from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { tracingSettings } from "./tracing-settings.ts";

function read(environment: Readonly<Record<string, string>>) {
  const warnings: string[] = [];
  const settings = tracingSettings(environment, sdk, (warning) => warnings.push(warning));
  return { ...settings, sampler: settings.sampler.toString(), warnings };
}

const everything =
  "ParentBased{root=AlwaysOnSampler, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}";

it("Without variables every trace is taken that the client's does not leave out, and the usual limits hold", () => {
  expect(read({ OTEL_TRACES_SAMPLER: " ", OTEL_BSP_SCHEDULE_DELAY: "" })).toEqual({
    sampler: everything,
    spanLimits: {
      attributeCountLimit: 128,
      attributeValueLengthLimit: Infinity,
      eventCountLimit: 128,
      linkCountLimit: 128,
    },
    batches: { maxExportBatchSize: 512, maxQueueSize: 2_048, scheduledDelayMillis: 5_000, exportTimeoutMillis: 30_000 },
    warnings: [],
  });
});

it.for([
  ["always_on", undefined, "AlwaysOnSampler"],
  ["always_off", undefined, "AlwaysOffSampler"],
  ["traceidratio", "0.25", "TraceIdRatioBased{0.25}"],
  ["traceidratio", undefined, "TraceIdRatioBased{1}"],
  ["parentbased_always_on", undefined, everything],
  ["parentbased_always_off", undefined, everything.replace("AlwaysOn", "AlwaysOff")],
  ["parentbased_traceidratio", "0", everything.replace("AlwaysOnSampler", "TraceIdRatioBased{0}")],
] as const)("OTEL_TRACES_SAMPLER=%s with the argument %s", ([name, argument, sampler]) => {
  const found = read({ OTEL_TRACES_SAMPLER: name, ...(argument && { OTEL_TRACES_SAMPLER_ARG: argument }) });
  expect(found).toMatchObject({ sampler, warnings: [] });
});

it("The variables of batches and limits are taken, those of spans before those of all attributes", () => {
  const found = read({
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "10",
    OTEL_BSP_MAX_QUEUE_SIZE: "100",
    OTEL_BSP_SCHEDULE_DELAY: "50",
    OTEL_BSP_EXPORT_TIMEOUT: "1000",
    OTEL_ATTRIBUTE_COUNT_LIMIT: "7",
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "80",
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "5",
    OTEL_SPAN_EVENT_COUNT_LIMIT: "0",
  });
  expect(found.batches).toEqual({
    maxExportBatchSize: 10,
    maxQueueSize: 100,
    scheduledDelayMillis: 50,
    exportTimeoutMillis: 1000,
  });
  expect(found.spanLimits).toEqual({
    attributeCountLimit: 5,
    attributeValueLengthLimit: 80,
    eventCountLimit: 0,
    linkCountLimit: 128,
  });
  expect(found.warnings).toEqual([]);
});

it("What is not understood is told of, and its default holds", () => {
  const found = read({
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "25%",
    OTEL_BSP_MAX_QUEUE_SIZE: "0",
  });
  expect(found.sampler).toBe(everything.replace("AlwaysOnSampler", "TraceIdRatioBased{1}"));
  expect(found.batches.maxQueueSize).toBe(2_048);
  expect(found.warnings).toEqual([
    'OTEL_TRACES_SAMPLER_ARG ("25%") must be a number from 0 to 1; using the default',
    'OTEL_BSP_MAX_QUEUE_SIZE ("0") must be a number of 1 or more; using the default',
  ]);
  expect(read({ OTEL_TRACES_SAMPLER: "some" })).toMatchObject({
    sampler: everything,
    warnings: ['OTEL_TRACES_SAMPLER ("some") is not known; using parentbased_always_on'],
  });
});
