import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { otherFiles } from "../../server/src/http/guide/guide-addresses.ts";
import { Scrape } from "../support/metrics.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

const run = promisify(execFile);
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFile(path(name), "utf8");

/** Names in an expression of PromQL that can only be metrics of ours, of Node or of the process. */
const metricsIn = (expression: string) =>
  [...expression.matchAll(/\b(?:arrwdb|nodejs|process)_\w+/g)].map(([name]) => name);

const withoutSuffix = (name: string) => name.replace(/_(bucket|count|sum)$/, "");

const dashboard = z.object({
  uid: z.string(),
  panels: z.array(
    z.object({
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});
const alerts = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});

let server: TestServer;
let scrape: Scrape;
beforeAll(async () => {
  server = await startServer();
  scrape = await Scrape.of(server.url);
});
afterAll(() => server.stop());

const known = (name: string) => scrape.documented.includes(name) || scrape.documented.includes(withoutSuffix(name));

describe("The dashboard", () => {
  it("asks for metrics that there are, and shows each of ours", async () => {
    const { panels } = dashboard.parse(JSON.parse(await read("deploy/grafana/arrwdb.json")));
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(asked.filter((name) => !known(name))).toEqual([]);
    const shown = new Set(asked.map((name) => (scrape.documented.includes(name) ? name : withoutSuffix(name))));
    const hidden = [
      // For alerts, and for those who ask.
      "arrwdb_info",
      "arrwdb_ready",
      "arrwdb_scrape_source_up",
      "arrwdb_recall_samples_total",
      "arrwdb_library_searches",
      "arrwdb_disk_size_bytes",
    ];
    const ours = scrape.documented.filter((name) => name.startsWith("arrwdb_"));
    expect(ours.filter((name) => !shown.has(name)).toSorted()).toEqual(hidden.toSorted());
  });

  it("puts no panel over another", async () => {
    const { panels } = dashboard.parse(JSON.parse(await read("deploy/grafana/arrwdb.json")));
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_each, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe("The alerts", () => {
  it("look at metrics that there are", async () => {
    const { groups } = alerts.parse(parse(await read("deploy/prometheus/alerts.yaml")));
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(5);
    const asked = rules.flatMap(({ expr }) => metricsIn(expr));
    expect(asked.filter((name) => !known(name))).toEqual([]);
  });

  it("are told on the page", async () => {
    const { groups } = alerts.parse(parse(await read("deploy/prometheus/alerts.yaml")));
    const page = await read("docs/operations.md");
    const told = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect([...page.matchAll(/^\| `(Arrwdb\w+)` \|/gm)].map(([, name]) => name)).toEqual(told);
  });
});

describe("The page of operations", () => {
  it("tells each of our metrics with its labels, and no other", async () => {
    const page = await read("docs/operations.md");
    const told = [...page.matchAll(/^\| `(arrwdb_\w+)` \|/gm)].map(([, name]) => name);
    const ours = scrape.documented.filter((name) => name.startsWith("arrwdb_"));
    expect(new Set(told)).toEqual(new Set(ours));
    expect(told).toHaveLength(ours.length);
  });
});

describe("The files to run it", () => {
  it("have a Dockerfile that a linter finds nothing in, and that needs no privileges", async () => {
    const { stdout } = await run(process.execPath, [
      path("node_modules/dockerfilelint/bin/dockerfilelint"),
      "-o",
      "json",
      path("deploy/Dockerfile"),
    ]);
    expect(z.object({ totalIssues: z.number() }).parse(JSON.parse(stdout))).toEqual({ totalIssues: 0 });
    const dockerfile = await read("deploy/Dockerfile");
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });

  it("put the pages of the guide into the image", async () => {
    const dockerfile = await read("deploy/Dockerfile");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = ""]) => from.split(" "));
    const isCopied = (file: string) => copied.some((pattern) => matchesGlob(file, pattern));
    expect(["docs", ...otherFiles].filter((file) => !isCopied(file))).toEqual([]);
    // What the build is not sent cannot be copied.
    const sent = (await read("deploy/Dockerfile.dockerignore")).split("\n").filter((line) => line.startsWith("!"));
    const isSent = (file: string) =>
      sent.some((line) => matchesGlob(file, line.slice(1)) || file.startsWith(`${line.slice(1)}/`));
    expect(["docs", ...otherFiles].filter((file) => !isSent(file))).toEqual([]);
  });

  it("have files for compose that name what is there", async () => {
    const compose = z
      .object({ services: z.record(z.string(), z.object({ volumes: z.array(z.string()) })) })
      .parse(parse(await read("deploy/compose.yaml")));
    expect(Object.keys(compose.services)).toEqual(["arrwdb", "prometheus", "grafana"]);
    const mounted = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes)
      .filter((volume) => volume.startsWith("./"));
    for (const volume of mounted) expect(await read(`deploy/${volume.split(":")[0]}`)).not.toBe("");
  });

  it("have a unit that systemd understands", async ({ skip }) => {
    const version = await run("systemd-analyze", ["--version"]).catch(() => undefined);
    if (version === undefined) skip("systemd-analyze is not here");
    const { stdout, stderr } = await run("systemd-analyze", ["verify", path("deploy/systemd/arrwdb.service")]);
    expect(stdout + stderr).toBe("");
  });
});
