import { SpanStatusCode, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inSpan } from "./span.ts";

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });

beforeAll(() => trace.setGlobalTracerProvider(provider));
afterAll(() => provider.shutdown());

it.for([
  [undefined, SpanStatusCode.UNSET, undefined],
  [new ArrwError("document_not_found", "There is none"), SpanStatusCode.UNSET, "document_not_found"],
  [new DOMException("The client disconnected", "AbortError"), SpanStatusCode.UNSET, "AbortError"],
  [new ArrwError("storage_full", "There is no room"), SpanStatusCode.ERROR, "storage_full"],
  [new TypeError("a fault of ours"), SpanStatusCode.ERROR, "internal"],
])("A span has failed where the error is ours, and tells of each by its code: %s", async ([error, status, type]) => {
  exporter.reset();
  const run = inSpan("work", {}, async () => {
    if (error !== undefined) throw error;
  });
  await run.catch((thrown: unknown) => expect(thrown).toBe(error));
  const [span] = exporter.getFinishedSpans();
  expect([span?.status.code, span?.attributes["error.type"]]).toEqual([status, type]);
});
