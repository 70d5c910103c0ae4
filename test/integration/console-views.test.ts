import { ArrwClient } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { sampleDocuments } from "../../console/src/sample-documents.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;
let id: string;

const sizes = { wide: { width: 1_280, height: 860 }, narrow: { width: 390, height: 844 } } as const;

/** Panels that are not beside what they are for. */
const panelsAside = `[...document.querySelectorAll(".columns > .panel")]
  .filter((panel) => panel.getBoundingClientRect().left < innerWidth / 2)
  .map((panel) => panel.textContent)`;

/** What has to be there before a view is looked at. */
const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "": (page) => page.getByRole("row", { name: /Samples/ }).waitFor(),
  health: (page) => page.getByRole("img", { name: /^Requests/ }).waitFor(),
  search: async (page) => {
    await page.getByRole("searchbox").fill("baking something sweet");
    await page.locator(".hit h3").first().waitFor();
  },
  documents: (page) => page.locator(".documents-list li").nth(40).waitFor(),
  add: (page) => page.getByRole("heading", { name: "New document" }).waitFor(),
  map: (page) => page.getByRole("application", { name: /Map of 50 chunks/ }).waitFor(),
  live: (page) => page.getByLabel("Query to watch").waitFor(),
  events: async (page) => {
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await page.locator(".events summary").nth(40).waitFor();
    await page.locator(".events summary").first().click();
  },
  room: (page) => page.getByLabel("Your name").waitFor(),
};

const addressOf = (view: string) => (view === "" || view === "health" ? `#/${view}` : `#/library/${id}/${view}`);

describeUnless(noChromium, "The console's views", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    ({ id } = await client.libraries.create({ name: "Samples" }));
    for await (const result of client.library(id).ingest(sampleDocuments())) {
      if (!result.success) throw new Error(result.error);
    }
    await client.libraries.create({ name: "A library whose name is so long that no side has room for all of it" });
    for (let number = 0; number < 60; number++)
      await client.libraries.create({ name: `Library ${number}`, embedding_model: "none", dimension: 2 });
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    client.close();
    await server.stop();
  });

  it.for(["light", "dark"] as const)(
    "fit on wide and narrow screens, and have no faults, in the %s",
    { timeout: 120_000 },
    async (theme) => {
      const page = await browser.open(server.url);
      await page.emulateMedia({ colorScheme: theme });
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const [view, ready] of Object.entries(views)) {
          await page.goto(`${server.url}/${addressOf(view)}`);
          await ready(page);
          const name = `view-${view === "" ? "home" : view}-${size}-${theme}`;
          await picture(page, name);
          expect([name, await page.evaluate("document.documentElement.scrollWidth <= innerWidth")]).toEqual([
            name,
            true,
          ]);
          expect([name, await page.evaluate(panelsAside)]).toEqual([name, size === "wide" ? [] : expect.anything()]);
          expect([name, await faultsOf(page)]).toEqual([name, []]);
        }
      }
      await page.close();
    },
  );

  it("are used by the keyboard alone, and show where one is", async () => {
    const page = await browser.open(server.url);
    await page.getByRole("row", { name: /Samples/ }).waitFor();
    const focused = (what: string) =>
      page.evaluate(`(() => { const one = document.activeElement; return ${what}; })()`);
    await page.keyboard.press("Tab");
    expect(await focused("one.textContent.trim()")).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await focused("one.id")).toBe("main");
    // From the top of the content, the first library is a few steps away.
    for (let step = 0; step < 6 && (await focused("one.textContent")) !== "Samples"; step++)
      await page.keyboard.press("Tab");
    expect(await focused("getComputedStyle(one).outlineStyle")).toBe("solid");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Samples" }).waitFor();
    expect(await focused("one.id")).toBe("main");
    for (let step = 0; step < 12 && (await focused("one.type")) !== "search"; step++) await page.keyboard.press("Tab");
    await page.keyboard.type("a bed of tomatoes");
    await page.locator(".hit h3").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await page
      .getByText(/^score \d/)
      .first()
      .waitFor();
    await page.close();
  });

  it("have links to the guide and to the description of the API", async () => {
    const page = await browser.open(server.url);
    expect(await page.getByRole("link", { name: "Guide" }).getAttribute("href")).toBe("docs/guide");
    expect(await page.getByRole("link", { name: "API" }).getAttribute("href")).toBe("docs");
    await page.close();
  });

  it("tell by words alone no distance, and by both a score and a distance", async () => {
    const page = await browser.open(`${server.url}/#/library/${id}/search`);
    await page.getByRole("searchbox").fill("bread dough");
    await page.locator(".measure meter").first().waitFor();
    expect(await page.getByText(/^score/).count()).toBe(0);
    await page.getByText("Keyword", { exact: true }).click();
    await page.getByText("Query plan: text").waitFor();
    expect(await page.locator(".measure meter").count()).toBe(0);
    expect(await page.getByText(/^score \d/).count()).toBeGreaterThan(0);
    expect(await page.getByRole("slider").isDisabled()).toBe(true);
    await page.getByText("match a keyword").waitFor();
    await page.getByText("Hybrid", { exact: true }).click();
    await page.locator(".measure meter").first().waitFor();
    expect(await page.getByText(/^score \d/).count()).toBe(await page.locator(".hits > li").count());
    await page.close();
  });
});
