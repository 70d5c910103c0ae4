import { describe, expect, it } from "vitest";
import { Metrics } from "./prometheus.ts";
import { grownBuckets, quantile } from "./quantile.ts";
import { Courses } from "./courses.ts";

const text = `# HELP a_total What it is
# TYPE a_total counter
a_total{kind="x",text="with \\"quotes\\", and = signs"} 3
a_total{kind="y"} 4
ratio NaN
took_bucket{le="0.1",route="/s"} 2
took_bucket{le="1",route="/s"} 4
took_bucket{le="+Inf",route="/s"} 4
took_bucket{le="+Inf",route="/t"} 9
nonsense
`;

describe("Metrics", () => {
  it("are read from the text of Prometheus", () => {
    const metrics = new Metrics(text);
    expect(metrics.sum("a_total")).toBe(7);
    expect(metrics.sum("a_total", ({ kind }) => kind === "y")).toBe(4);
    expect(metrics.of("a_total")[0]?.labels["text"]).toContain("and = signs");
    expect(metrics.value("ratio")).toBeUndefined();
    expect(metrics.sum("absent")).toBe(0);
    expect([...metrics.buckets("took", ({ route }) => route === "/s")]).toEqual([
      [0.1, 2],
      [1, 4],
      [Number.POSITIVE_INFINITY, 4],
    ]);
  });
});

describe("A quantile", () => {
  const buckets = new Map([
    [0.1, 2],
    [1, 4],
    [Number.POSITIVE_INFINITY, 5],
  ]);

  it("lies between the bounds around it", () => {
    expect(quantile(0.4, buckets)).toBeCloseTo(0.1);
    expect(quantile(0.6, buckets)).toBeCloseTo(0.55);
    expect(quantile(0.99, buckets)).toBe(1);
    expect(quantile(0.5, new Map())).toBeUndefined();
  });

  it("is of what came since the last look, and of everything after a restart", () => {
    expect(grownBuckets(buckets, new Map([...buckets].map(([bound, value]) => [bound, value - 1]))).get(1)).toBe(1);
    expect(grownBuckets(buckets, new Map([[Number.POSITIVE_INFINITY, 9]]))).toBe(buckets);
  });
});

describe("Courses", () => {
  it("keep as many values as a chart shows, however long they go on", () => {
    const courses = new Courses();
    for (let time = 0; time < 50_000; time += 10) courses.rate("requests", time, time);
    for (let index = 0; index < 5_000; index++) courses.add("memory", index);
    expect(courses.of("requests")).toHaveLength(60);
    expect(courses.of("requests").at(-1)).toBe(1_000);
    expect(courses.of("memory")).toHaveLength(60);
    expect(courses.of("unknown")).toEqual([]);
  });
});
