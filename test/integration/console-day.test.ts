import { rm } from "node:fs/promises";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser } from "../support/pages/console-browser.ts";
import { extent } from "../support/suite/extent.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

/** A day of changes, or a piece of one. */
const restarts = extent(2, 6);
const aRound = extent(600, 1_500);
const looks = extent(4, 12);

let directory: string;
let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;
let library: LibraryHandle;
let made = 0;

/** Documents with a vector that is theirs, so that no model is asked. */
async function write(count: number): Promise<void> {
  async function* documents() {
    for (let one = 0; one < count; one++) {
      made += 1;
      const angle = made / 7;
      const embedding = [Math.cos(angle), Math.sin(angle)];
      yield {
        title: `Report ${made}`,
        chunks: [{ text: `What the harbour saw on day ${made}`, embedding }],
        ward: made % 5,
      };
    }
  }
  for await (const result of library.ingest(documents())) if (!result.success) throw new Error(result.error);
}

/** As after a crash or an upgrade: away for a moment, and back at the same address with the same data. */
async function restart(): Promise<void> {
  const port = new URL(server.url).port;
  await server.stop();
  server = await startServer({ ARRWDB_DATA_DIR: directory, PORT: port });
}

interface Held {
  readonly elements: number;
  readonly heap: number;
}

/** What the page holds once nothing that could be thrown away is left. */
async function heldBy(page: Page): Promise<Held> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  await session.detach();
  // What the page shows, and what hangs about detached from it.
  return { elements: value("Nodes"), heap: value("JSHeapUsedSize") };
}

/** What it holds when that is within bounds, or after 20 seconds: the browser lets go of what was taken off a page later. */
async function settled(page: Page, most: Held): Promise<Held> {
  let now: Held | undefined;
  const look = async () => {
    now = await heldBy(page);
    return now.elements < most.elements && now.heap < most.heap;
  };
  await eventually(look, {
    describe: () => `no more than ${JSON.stringify(most)}, there is ${JSON.stringify(now)}`,
    within: 20_000,
  });
  return now ?? most;
}

const newest = (page: Page) => page.locator(".events .name", { hasText: `Report ${made}` });

describeUnless(noChromium, "A console that is left open for a day", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    directory = await temporaryDirectory();
    server = await startServer({ ARRWDB_DATA_DIR: directory });
    client = new ArrwClient({ url: server.url });
    made = 0;
    const { id } = await client.libraries.create({ name: "Harbour", embedding_model: "none", dimension: 2 });
    library = client.library(id);
  });
  afterEach(async () => {
    client.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("lists the newest events of thousands, goes on after each restart, and holds no more than before", async () => {
    const page = await browser.open(`${server.url}/#/library/${library.id}/events`);
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await write(aRound);
    await newest(page).waitFor();
    const before = await heldBy(page);
    for (let round = 0; round < restarts; round++) {
      await restart();
      await write(aRound);
      await newest(page).waitFor();
      await page.getByText("The server does not respond").waitFor({ state: "detached" });
    }
    const seen = (restarts + 1) * aRound;
    await page.getByText(`${seen.toLocaleString("en-US")} seen`).waitFor();
    expect(await page.locator(".events li").count()).toBe(500);
    const most = { elements: before.elements * 1.3, heap: before.heap * 1.5 + 4_000_000 };
    const after = await settled(page, most);
    expect(after.elements).toBeLessThan(most.elements);
    expect(after.heap).toBeLessThan(most.heap);
    await page.close();
  }, 90_000);

  it("lets go of what it showed when one looks at something else, again and again", async () => {
    await write(50);
    const page = await browser.open(`${server.url}/#/library/${library.id}/search`);
    const round = async () => {
      for (const tab of ["map", "events", "add", "search"]) {
        await page.getByRole("navigation", { name: "Views of the library" }).locator(`a[href$="/${tab}"]`).click();
        await page.locator(`.tab-${tab}`).waitFor();
        if (tab === "map") await page.getByRole("application", { name: /Map of 50 chunks/ }).waitFor();
        if (tab !== "search") continue;
        await page.getByRole("searchbox").fill("harbour day");
        await page.locator(".hit h3").first().waitFor();
      }
      await page.getByRole("link", { name: "Server" }).click();
      await page.getByRole("img", { name: /^Requests, last 2 minutes/ }).waitFor();
      await page.getByRole("link", { name: "Harbour" }).click();
      await page.locator(".tab-search").waitFor();
    };
    for (let time = 0; time < 3; time++) await round();
    const before = await heldBy(page);
    for (let time = 0; time < looks; time++) await round();
    const most = { elements: before.elements * 1.3, heap: before.heap * 1.5 + 2_000_000 };
    const after = await settled(page, most);
    expect(after.elements).toBeLessThan(most.elements);
    expect(after.heap).toBeLessThan(most.heap);
    // Each view's own connection ends with it.
    await eventually(async () => (await client.eventStatistics()).subscribers.websocket === 0);
    await page.close();
  }, 90_000);

  it("remembers the newest uploads, receipts and failed lines alone", async () => {
    const page = await browser.open(`${server.url}/#/library/${library.id}/add`);
    const lines = Array.from({ length: 300 }, (_, number) =>
      number % 2 === 0
        ? "no JSON"
        : JSON.stringify({ title: `T${number}`, chunks: [{ text: "x", embedding: [1, 0] }] }),
    );
    const buffer = Buffer.from(lines.join("\n"));
    const files = Array.from({ length: 25 }, (_, number) => ({
      name: `${number}.ndjson`,
      mimeType: "text/plain",
      buffer,
    }));
    await page.locator("input[type=file]").setInputFiles(files);
    await page
      .getByRole("region", { name: "24.ndjson" })
      .getByText("150 documents stored, 150 chunks, 150 failed")
      .waitFor();
    expect(await page.locator(".report").count()).toBe(20);
    expect(await page.locator(".report").first().locator(".receipts li").count()).toBe(50);
    expect(await page.locator(".failures li").count()).toBe(20 * 150);
    await page.close();
  }, 90_000);

  it("follows on the map what comes and goes over restarts", async () => {
    await write(200);
    const page = await browser.open(`${server.url}/#/library/${library.id}/map`);
    await page.getByRole("application", { name: /Map of 200 chunks/ }).waitFor();
    await restart();
    await write(300);
    await page.getByRole("application", { name: /Map of 500 chunks/ }).waitFor();
    for await (const { id, title } of library.documents()) if (title.endsWith("0")) await library.delete(id);
    await page.getByRole("application", { name: /Map of 450 chunks/ }).waitFor();
    await page.getByRole("searchbox", { name: "Highlight chunks with these words" }).fill("harbour");
    await page.locator(".legend li").first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.close();
  }, 90_000);

  it("breaks none of its own rules", () => {
    expect(browser.errors).toEqual([]);
  });
});
