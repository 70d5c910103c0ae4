import { Gauge } from "prom-client";

/**
 * A summary of quantiles computed elsewhere. The library's own summaries compute theirs from values that they keep.
 */
export class Quantiles extends Gauge<"quantile"> {
  override async get(): ReturnType<Gauge<"quantile">["get"]> {
    return Object.assign(await super.get(), { type: "summary" });
  }
}
