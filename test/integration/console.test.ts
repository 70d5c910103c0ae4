import { rm } from "node:fs/promises";
import { ArrwClient } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;

const article = (number: number, topic: string, text: string) =>
  JSON.stringify({ title: `${topic} ${number}`, text, topic, year: 2000 + number });

/** A library of its own, looked at in a page of its own. */
async function openLibrary(name: string, tab: string): Promise<{ readonly page: Page; readonly id: string }> {
  const { id } = await client.libraries.create({ name });
  return { id, page: await browser.open(`${server.url}/#/library/${id}/${tab}`) };
}

const drop = async (page: Page, name: string, content: string) => {
  const file = `new File([${JSON.stringify(content)}], ${JSON.stringify(name)})`;
  const transfer = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(${file}); return data; })()`,
  );
  await page.dispatchEvent(".library", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent(".library", "drop", { dataTransfer: transfer });
};

describeUnless(noChromium, "The console", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    client.close();
    await server.stop();
  });

  it("tells what to do first, and loads samples that show on the map as they come", async () => {
    const page = await browser.open(server.url);
    await page.getByRole("heading", { name: "No libraries yet" }).waitFor();
    await picture(page, "1-empty");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Load sample documents" }).click();
    await page.getByRole("application", { name: /Map of 50 chunks/ }).waitFor();
    await page.getByRole("listitem").filter({ hasText: "kitchen 10" }).waitFor();

    // Hits light up: the map is drawn anew.
    const map = page.locator("canvas");
    const before = await map.screenshot();
    await page.getByRole("searchbox").fill("baking something sweet");
    await eventually(async () => !before.equals(await map.screenshot()));
    await map.focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#map-point h2").waitFor();
    await picture(page, "7-map");
    expect(await faultsOf(page)).toEqual([]);

    const id = /library\/([^/]+)/.exec(page.url())?.[1] ?? "";
    await client
      .library(id)
      .add({ title: "Plum cake", text: "Bake plums on a yeast dough with crumble.", topic: "kitchen" });
    await page.getByRole("application", { name: /Map of 51 chunks/ }).waitFor();
    for await (const document of client.library(id).documents()) {
      if (document.title === "Plum cake") await client.library(id).delete(document.id);
    }
    await page.getByRole("application", { name: /Map of 50 chunks/ }).waitFor();
    await page.close();
  });

  it("shows libraries with their counts, creates one and deletes it", async () => {
    const page = await browser.open(server.url);
    await page.getByRole("button", { name: "New library" }).click();
    await page.getByLabel("Name").fill("Recipes");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "Recipes" }).waitFor();
    await page.getByRole("link", { name: "arrwDB, all libraries" }).click();
    await picture(page, "2-libraries");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete Recipes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("row", { name: /Recipes/ }).waitFor({ state: "detached" });
    const names: string[] = [];
    for await (const { name } of client.libraries.list()) names.push(name);
    expect(names).not.toContain("Recipes");
    await page.close();
  });

  it("takes files that are dropped or chosen, and tells of each line what became of it", async () => {
    const { page, id } = await openLibrary("Uploads", "add");
    const lines = [
      ...Array.from({ length: 120 }, (_, number) =>
        article(number, "news", `Report ${number} about the harbour and the sea.`),
      ),
      "this is no JSON",
      '{"title": "Without a text"}',
      "[1]",
    ];
    await drop(page, "news.ndjson", lines.join("\n"));
    await page.getByText("120 documents stored, 120 chunks, 3 failed").waitFor();
    const failures = page.locator(".failures li");
    expect(await failures.allTextContents()).toEqual([
      expect.stringMatching(/^line 121 is not JSON/),
      expect.stringMatching(/^line 122 texts: is required/),
      expect.stringMatching(/^line 123 is not a document/),
    ]);
    await picture(page, "3-add");
    expect(await faultsOf(page)).toEqual([]);

    await page.locator("input[type=file]").setInputFiles([
      {
        name: "notes.md",
        mimeType: "text/markdown",
        buffer: Buffer.from("# Notes\n\nOne paragraph of it.\n\n## Tea\n\nBoil water.\n"),
      },
      { name: "photo.txt", mimeType: "text/plain", buffer: Buffer.from([80, 78, 71, 0, 1, 2]) },
      { name: "photo.png", mimeType: "image/png", buffer: Buffer.from("x") },
    ]);
    await page.getByText("2 documents stored, 2 chunks").waitFor();
    await page.getByText("This is not a text file: it contains NUL bytes").waitFor();
    await page.getByText("Supported files are .ndjson").waitFor();
    await eventually(async () => (await client.library(id).info()).num_documents === 122);
    await page.close();
  });

  it("searches as one types, marks words, filters, and tells how the hits were found", async () => {
    const { page, id } = await openLibrary("Search", "search");
    await client.library(id).add({ title: "Kettle", text: "Boiling water for tea in a copper kettle.", year: 1850 });
    await client
      .library(id)
      .add({ title: "Loom", text: "A wooden machine that weaves thread into cloth.", year: 1790 });
    await page.getByRole("searchbox").pressSequentially("boil water for tea");
    await page.locator(".hit h3", { hasText: "Kettle" }).waitFor();
    await page.locator("mark", { hasText: "water" }).waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(["Boiling", "water", "tea"]);
    await page.getByText(/2 hits in .* ms/).waitFor();
    await page.getByText("Query plan").waitFor();
    await picture(page, "4-search");
    expect(await faultsOf(page)).toEqual([]);

    await page.getByText("Keyword", { exact: true }).click();
    await page.getByText(/1 hit in .* ms/).waitFor();
    await page.getByText(/^score \d/).waitFor();
    await page.getByText("Hybrid", { exact: true }).click();
    await page.getByText(/2 hits in .* ms/).waitFor();
    expect(await page.getByText(/^score \d/).count()).toBe(2);
    await page.getByText("Semantic", { exact: true }).click();

    await page.getByLabel("Field", { exact: true }).fill("year");
    await page.getByRole("combobox", { name: "Condition" }).selectOption("<");
    await page.getByLabel("Value", { exact: true }).fill("1800");
    await page.getByText(/1 hit in .* ms/).waitFor();
    expect(await page.locator(".hit h3").allTextContents()).toEqual([expect.stringContaining("Loom")]);
    await page.getByRole("button", { name: "As JSON" }).click();
    await page.getByLabel("Filter as JSON").fill('{"year": {"$near": 1}}');
    await page.getByText(/^year\.\$near: is not a filter operator/).waitFor();
    await page.close();
  });

  it("shows events from a position, and stands still while it is paused", async () => {
    const { page, id } = await openLibrary("Events", "events");
    const library = client.library(id);
    await library.add({ title: "Before", text: "It was there before." });
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await page.locator(".events .name", { hasText: "Before" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await library.add({ title: "Meanwhile", text: "While it stood still." });
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect(await page.locator(".events .name", { hasText: "Meanwhile" }).count()).toBe(0);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.locator(".events .name", { hasText: "Meanwhile" }).waitFor();
    await page
      .getByRole("status")
      .filter({ hasText: /events?, latest position 3/ })
      .waitFor();
    await picture(page, "5-events");
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it("lets a search stand, whose hits come and go", async () => {
    const { page, id } = await openLibrary("Live", "live");
    const library = client.library(id);
    await library.add({ title: "Gale", text: "High waves near the coast." });
    await page.getByLabel("Query to watch").fill("storms at sea");
    await page.getByRole("button", { name: "Watch" }).click();
    await page.locator(".hit h3", { hasText: "Gale" }).waitFor();
    const { document } = await library.add({ title: "Hurricane", text: "A storm at sea sinks a ship." });
    await page.locator("li.entered h3", { hasText: "Hurricane" }).waitFor();
    await picture(page, "6-live");
    await library.delete(document.id);
    await page.locator(".hit h3", { hasText: "Hurricane" }).waitFor({ state: "detached" });
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it("lets two windows share a room", async () => {
    const { page: first, id } = await openLibrary("Room", "room");
    await client.library(id).add({ title: "Plan", text: "What we do next week." });
    const second = await browser.open(`${server.url}/#/library/${id}/room/monday`);
    for (const [page, name] of [
      [first, "Ada"],
      [second, "Ben"],
    ] as const) {
      await page.getByLabel("Your name").fill(name);
      await page.getByRole("textbox", { name: "Room" }).fill("monday");
      await page.getByRole("button", { name: "Join" }).click();
      await page.locator(".people li", { hasText: name }).waitFor();
    }
    await first.locator(".people li", { hasText: "Ben" }).waitFor();
    await second.getByRole("searchbox").fill("next steps");
    await second.getByRole("button", { name: "Search", exact: true }).click();
    await first.getByText("Ben searched “next steps”").waitFor();
    await first.locator(".hit h3", { hasText: "Plan" }).waitFor();
    await picture(first, "8-room");
    expect(await faultsOf(first)).toEqual([]);
    await second.close();
    await first.locator(".people li", { hasText: "Ben" }).waitFor({ state: "detached" });
    await first.close();
  });

  it("draws how the server does, in the light and in the dark", async () => {
    const page = await browser.open(`${server.url}/#/health`);
    await page.getByRole("img", { name: /^Events, last 2 minutes/ }).waitFor();
    await page
      .getByRole("row", { name: /flat|not in memory/ })
      .first()
      .waitFor();
    await page.getByText("dark", { exact: true }).click();
    expect(await page.evaluate("getComputedStyle(document.documentElement).colorScheme")).toBe("dark");
    await picture(page, "9-health-dark");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByText("system", { exact: true }).click();
    await page.close();
  });

  it("says that the server is away, and goes on from where it was when it is back", async () => {
    const directory = await temporaryDirectory();
    const first = await startServer({ ARRWDB_DATA_DIR: directory });
    const own = new ArrwClient({ url: first.url });
    const { id } = await own.libraries.create({ name: "Away", embedding_model: "none", dimension: 2 });
    const library = own.library(id);
    const page = await browser.open(`${first.url}/#/library/${id}/events`);
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await library.add({ title: "Early", chunks: [{ text: "1", embedding: [1, 0] }] });
    await page.locator(".events .name", { hasText: "Early" }).waitFor();
    await first.stop();
    await page.getByText("Connection lost at").waitFor();
    await picture(page, "10-away");
    const second = await startServer({ ARRWDB_DATA_DIR: directory, PORT: new URL(first.url).port });
    await library.add({ title: "Late", chunks: [{ text: "2", embedding: [0, 1] }] });
    await page.locator(".events .name", { hasText: "Late" }).waitFor();
    await page.getByText("Connection lost at").waitFor({ state: "detached" });
    expect(await page.locator(".events .name").allTextContents()).toEqual(["Late", "Early"]);
    await page.close();
    own.close();
    await second.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("asks nobody but the server, and breaks none of its own rules", () => {
    const elsewhere = [...browser.requested].filter((address) => !address.startsWith("http://127.0.0.1:"));
    expect(elsewhere).toEqual([]);
    expect(browser.errors).toEqual([]);
  });
});
