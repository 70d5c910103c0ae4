import { expect, test } from "vitest";
import { chartOf } from "./chart.ts";
import { exampleEngine, exampleResult } from "./example-result.ts";
import { benchResult } from "./result.ts";

const tag = /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g;

/** Elements that are not closed in their order, and bare `<` and `&`. */
function faultsOf(xml: string): readonly string[] {
  const body = xml.replace(/<style>[^<&]*<\/style>/, "");
  const open: string[] = [];
  const faults: string[] = [];
  for (const [element, close, name = "", , selfClosed] of body.matchAll(tag)) {
    if (close === "/" && open.pop() !== name) faults.push(element);
    if (close !== "/" && selfClosed !== "/") open.push(name);
  }
  const brackets = body.replaceAll(tag, "").match(/[<>]/g) ?? [];
  const ampersands = body.match(/&(?!(?:amp|lt|gt|quot);)/g) ?? [];
  return [...faults, ...open, ...brackets, ...ampersands];
}

test("the chart is well-formed, whatever an engine is called", () => {
  const engines = [...exampleResult.engines, exampleEngine('<"&>', 10)];
  expect(faultsOf(chartOf({ ...exampleResult, engines }))).toEqual([]);
  expect(faultsOf("<svg><text>a & b</svg>")).not.toEqual([]);
});

test("each engine has its row, and the longest bar of a panel is that of the greatest figure", () => {
  const chart = chartOf(exampleResult);
  expect(chart.match(/<rect [^>]*class="bar own"/g)).toHaveLength(3);
  const widths = [...chart.matchAll(/width="([\d.]+)" height="\d+" rx="2" class="bar([^"]*)"/g)];
  expect(Number(widths[2]?.[1])).toBeGreaterThan(Number(widths[0]?.[1]));
  expect(chart).toContain("has no filter");
  expect(chart).toContain("prefers-color-scheme: dark");
});

test("a result survives being written and read", () => {
  const read = benchResult.parse(JSON.parse(JSON.stringify(exampleResult)));
  expect(chartOf(read)).toBe(chartOf(exampleResult));
});
