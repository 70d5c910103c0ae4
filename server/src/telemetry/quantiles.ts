import { Gauge } from "prom-client";

/**
 * Quantiles that were computed elsewhere, told as the summary that they are. Those of the library compute their own, from
 * values that they keep.
 */
export class Quantiles extends Gauge<"quantile"> {
  override async get(): ReturnType<Gauge<"quantile">["get"]> {
    return Object.assign(await super.get(), { type: "summary" });
  }
}
