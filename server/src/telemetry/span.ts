import { type Attributes, context, propagation, type SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { toArrwError } from "@arrwdb/protocol/errors/errors";

/** Where the trace came from, as W3C Trace Context names its fields. */
export interface TraceParent {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

export interface SpanOptions {
  readonly kind?: SpanKind | undefined;
  /** The sender's span as the parent. Default is the active one. */
  readonly parent?: TraceParent | undefined;
}

const tracer = trace.getTracer("arrwdb");

/**
 * Runs something as a span of its trace; without tracing, it only runs. An error is recorded by its code, as its
 * message may contain client data. The span fails only for server errors: client errors and cancellations are no
 * failure, as in OpenTelemetry's conventions for servers.
 */
export function inSpan<Value>(
  name: string,
  attributes: Attributes,
  run: () => Promise<Value>,
  { kind, parent }: SpanOptions = {},
): Promise<Value> {
  const outer = parent === undefined ? context.active() : propagation.extract(context.active(), parent);
  return tracer.startActiveSpan(name, { attributes, ...(kind === undefined ? {} : { kind }) }, outer, async (span) => {
    try {
      return await run();
    } catch (error) {
      const isLeft = error instanceof Error && error.name === "AbortError";
      const { code, definition } = toArrwError(error);
      span.setAttribute("error.type", isLeft ? error.name : code);
      if (!isLeft && definition.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      throw error;
    } finally {
      span.end();
    }
  });
}
