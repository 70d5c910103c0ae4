import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCodes } from "@arrwdb/protocol/errors/error-table";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Scrape } from "../support/metrics.ts";
import {
  createLibrary,
  post,
  startServer,
  temporaryDirectory,
  type TestServer,
} from "../support/server/test-server.ts";
import { endingProcess } from "../support/server/endings.ts";

/* What Prometheus itself says of our metrics and alerts. */

const rules = fileURLToPath(new URL("../../deploy/prometheus/alerts.yaml", import.meta.url));

let server: TestServer;
let directory: string;
/** As it was before anything was asked of the server. */
let atStart: Scrape;

beforeAll(async () => {
  directory = await temporaryDirectory();
  await copyFile(rules, join(directory, "alerts.yaml"));
  server = await startServer();
  atStart = await Scrape.of(server.url);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What `promtool` says, or undefined where it is not here. */
async function promtool(args: readonly string[], input = ""): Promise<{ code: number; output: string } | undefined> {
  const child = endingProcess(spawn("promtool", args));
  const missing = new Promise<undefined>((resolve) => child.once("error", () => resolve(undefined)));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return Promise.race([missing, once(child, "close").then(([code]) => ({ code: Number(code), output }))]);
}

interface Case {
  readonly alert: string;
  /** By the expression of a series, its samples, one a minute. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes after which it is looked at, and whether it fires then. */
  readonly at: number;
  readonly fires: boolean;
}

const up = 'up{job="arrwdb", instance="a"}';
const internal = 'arrwdb_errors_total{job="arrwdb", instance="a", transport="http", code="internal"}';
const full = 'arrwdb_errors_total{job="arrwdb", instance="a", transport="line", code="storage_full"}';
const cases: Readonly<Record<string, Case>> = {
  "a server that is down": { alert: "ArrwdbDown", series: { [up]: "1 0 0 0" }, at: 3, fires: true },
  "a server that starts, and answers": {
    alert: "ArrwdbDown",
    series: { [up]: "0 1x8", "arrwdb_ready{job='arrwdb'}": "_ 0x8" },
    at: 8,
    fires: false,
  },
  "a start that takes minutes": {
    alert: "ArrwdbNotReady",
    series: { "arrwdb_ready{job='arrwdb'}": "0x8 1x10" },
    at: 12,
    fires: false,
  },
  "a server that is not ready for long": {
    alert: "ArrwdbNotReady",
    series: { "arrwdb_ready{job='arrwdb'}": "0x15" },
    at: 12,
    fires: true,
  },
  "the first internal error ever": {
    alert: "ArrwdbInternalErrors",
    series: { [internal]: "0 0 0 0 0 0 0 1 1" },
    at: 8,
    fires: true,
  },
  "an internal error before the first scrape": {
    alert: "ArrwdbInternalErrors",
    series: { [internal]: "_ _ 1 1 1" },
    at: 3,
    fires: true,
  },
  "no error": { alert: "ArrwdbInternalErrors", series: { [internal]: "0x10" }, at: 8, fires: false },
  "an error of long ago": {
    alert: "ArrwdbInternalErrors",
    series: { [internal]: "1x30" },
    at: 20,
    fires: false,
  },
  "the first write that a full disk refuses": {
    alert: "ArrwdbRefusesWrites",
    series: { [full]: "0 0 0 0 0 0 0 3 3" },
    at: 8,
    fires: true,
  },
};

describe("Prometheus", () => {
  it("finds nothing wrong with our metrics, used or not", async ({ skip }) => {
    const { id } = await createLibrary(server.url);
    await post(`${server.url}/v1/libraries/${id}/documents`, { title: "T", text: "text" });
    await post(`${server.url}/v1/libraries/${id}/search`, { query: "text" });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const checked = await promtool(["check", "metrics"], text);
    if (checked === undefined) return skip("promtool is not here");
    expect(checked).toEqual({ code: 0, output: "" });
  });

  it("takes our alerts", async ({ skip }) => {
    const checked = await promtool(["check", "rules", join(directory, "alerts.yaml")]);
    if (checked === undefined) return skip("promtool is not here");
    expect(checked).toMatchObject({ code: 0, output: expect.stringContaining("SUCCESS") });
  });

  it.for(Object.entries(cases))(
    "raises an alert for %s when it should, and only then",
    async ([name, one], { skip }) => {
      const { alert, series, at, fires } = one;
      const found = `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`;
      const test = {
        rule_files: ["alerts.yaml"],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: Object.entries(series).map(([expression, values]) => ({
              series: expression.replaceAll("'", '"'),
              values,
            })),
            promql_expr_test: [
              { expr: found, eval_time: `${at}m`, exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }] },
            ],
          },
        ],
      };
      const file = join(directory, `${name.replaceAll(/\W/g, "-")}.yaml`);
      await writeFile(file, stringify(test));
      const checked = await promtool(["test", "rules", file]);
      if (checked === undefined) return skip("promtool is not here");
      expect(checked).toMatchObject({ code: 0, output: expect.stringContaining("SUCCESS") });
    },
  );
});

describe("A counter", () => {
  it("exists from the start, so that its first event is a growth", async () => {
    const samples = (name: string) =>
      atStart.families.flatMap((family) => (family.name === name ? family.metrics.map(({ labels }) => labels) : []));
    const errors = samples("arrwdb_errors_total");
    for (const transport of ["http", "websocket", "line"]) {
      for (const code of errorCodes) expect(errors).toContainEqual({ transport, code });
    }
    const missing = atStart.documented.filter(
      (name) => name.startsWith("arrwdb_") && name.endsWith("_total") && samples(name).length === 0,
    );
    expect(missing).toEqual([]);
    expect(samples("arrwdb_embedding_failures_total")).toContainEqual({
      model: "builtin",
      purpose: "query",
      code: "embedder_timeout",
    });
  });
});
