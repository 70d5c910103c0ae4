import { rm } from "node:fs/promises";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { consoleDocuments, hardIds } from "../support/data/console-documents.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;
let library: LibraryHandle;

const vector = [1, 0];

/** A document with a vector of its own, so that no model is asked. */
const plain = (title: string, fields: object = {}) => ({
  title,
  chunks: [{ text: title, embedding: vector }],
  ...fields,
});

const addressOf = (id = "") => `${server.url}/#/library/${library.id}/documents/${encodeURIComponent(id)}`;
const facts = (page: Page, text: RegExp) => page.locator(".counted").filter({ hasText: text }).waitFor();
const titles = (page: Page) => page.locator(".documents-list .doc-title").allTextContents();
const listed = (page: Page, ...expected: readonly string[]) =>
  eventually(async () => (await titles(page)).join() === expected.join(), {
    describe: `the list ${expected.join(", ")}`,
  });

async function filterBy(page: Page, field: string, value: string): Promise<void> {
  await page.getByLabel("Field", { exact: true }).fill(field);
  await page.getByLabel("Value", { exact: true }).fill(value);
}

describeUnless(noChromium, "The console's documents", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    browser = await ConsoleBrowser.start();
  });
  beforeEach(async () => {
    const { id } = await client.libraries.create({ name: "Papers", embedding_model: "none", dimension: 2 });
    library = client.library(id);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    client.close();
    await server.stop();
  });

  it("are counted, filtered, sorted, and shown page by page", async () => {
    for (let number = 0; number < 60; number++)
      await library.add(plain(`Paper ${number}`, { year: 2000 + (number % 10), rank: number }));
    const page = await browser.open(addressOf());
    await facts(page, /^60 documents with 60 chunks/);
    expect(await page.locator(".documents-list > li").count()).toBe(50);
    await page.getByRole("button", { name: "More", exact: true }).click();
    await eventually(async () => (await page.locator(".documents-list > li").count()) === 60);
    await filterBy(page, "rank", "3");
    await facts(page, /^1 document with 1 chunk match the filter/);
    await filterBy(page, "year", "2003");
    await facts(page, /^6 documents/);
    await page.getByLabel("Sort by").selectOption("rank");
    await listed(page, ...[53, 43, 33, 23, 13, 3].map((number) => `Paper ${number}`));
    await page.getByLabel(/^Order/).selectOption("ascending");
    await listed(page, ...[3, 13, 23, 33, 43, 53].map((number) => `Paper ${number}`));
    // What comes and goes is seen.
    const { document } = await library.add(plain("New", { year: 2003, rank: -1 }));
    await listed(page, "New", ...[3, 13, 23, 33, 43, 53].map((number) => `Paper ${number}`));
    await library.delete(document.id);
    await facts(page, /^6 documents/);
    await page.close();
  });

  it("are deleted by a filter, once their number was agreed to", async () => {
    for (let number = 0; number < 12; number++) await library.add(plain(`Paper ${number}`, { old: number < 5 }));
    const page = await browser.open(addressOf());
    await filterBy(page, "old", "true");
    await facts(page, /^5 documents/);
    await page.getByRole("button", { name: "Delete what matches…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("5 documents with 5 chunks will be permanently deleted").waitFor();
    // Somebody adds one meanwhile: the number changes before anything is agreed to.
    await library.add(plain("Another", { old: true }));
    await dialog.getByText("6 documents with 6 chunks will be permanently deleted").waitFor();
    await picture(page, "delete-documents");
    expect(await faultsOf(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Delete 6 documents" }).click();
    await page.getByText("No document matches the filter.").waitFor();
    expect(await library.count()).toMatchObject({ documents: 7 });

    await filterBy(page, "", "");
    await facts(page, /^7 documents/);
    await page.getByRole("button", { name: "Delete all…" }).click();
    expect(await dialog.getByRole("button", { name: "Delete 7 documents" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Yes, every document of this library").check();
    await dialog.getByRole("button", { name: "Delete 7 documents" }).click();
    await page.getByText("This library is empty.").waitFor();
    expect(await library.count()).toMatchObject({ documents: 0 });
    await page.close();
  });

  it("are changed without their texts", async () => {
    const { document } = await library.add(
      plain("Draft", { author: "Ada", tags: ["a", "b"], year: 2020, customer: { name: "Ben", city: "Rome" } }),
    );
    const page = await browser.open(addressOf());
    await page.getByRole("link", { name: "Draft" }).click();
    await page.getByRole("textbox", { name: "Title" }).fill("Final");
    await page.getByRole("textbox", { name: "Author" }).fill("");
    await page.getByRole("textbox", { name: /^Tags/ }).fill("b\nc, d");
    await page.getByRole("textbox", { name: "Expires at" }).fill("2099-01-31T12:00:00Z");
    await page.getByRole("textbox", { name: "Metadata as JSON" }).fill('{"year": 2021, "customer": {"name": null}}');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("customer.name cannot become null, which removes a field").waitFor();
    await page
      .getByRole("textbox", { name: "Metadata as JSON" })
      .fill('{"year": 123456789012345678901, "customer": {"name": "Ben"}}');
    await picture(page, "document");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved at position 3.").waitFor();
    await page.getByText("expires Jan 31, 2099").waitFor();
    expect(await library.get(document.id)).toMatchObject({
      title: "Final",
      author: null,
      tags: ["b", "c, d"],
      expires_at: "2099-01-31T12:00:00.000Z",
      metadata: { year: 123456789012345678901n, customer: { name: "Ben" } },
    });
    expect((await library.get(document.id)).metadata).toEqual({
      year: 123456789012345678901n,
      customer: { name: "Ben" },
    });
    await page.getByRole("link", { name: "All documents" }).click();
    await listed(page, "Final");
    await page.close();
  });

  it("are not overwritten by one who did not see somebody else's change", async () => {
    const { document } = await library.add(plain("Shared", { author: "Ada", views: 1 }));
    const page = await browser.open(addressOf(document.id));
    await page.getByRole("textbox", { name: "Author" }).fill("Eve");
    await library.patch(document.id, { title: "Shared by two", metadata: { views: 2 } });
    await page.getByRole("button", { name: "Save" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("Somebody else changed this document").waitFor();
    await alert.getByText("views: 1 → 2").waitFor();
    expect(await library.get(document.id)).toMatchObject({ author: "Ada", title: "Shared by two" });
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await picture(page, "document-mismatch");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Keep mine on top" }).click();
    expect(await page.getByRole("textbox", { name: "Title" }).inputValue()).toBe("Shared by two");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/^Saved at position/).waitFor();
    expect(await library.get(document.id)).toMatchObject({
      author: "Eve",
      title: "Shared by two",
      metadata: { views: 2 },
    });

    // Without changes here, the page follows; with some, it tells before they are saved.
    await library.patch(document.id, { author: "Cid" });
    await eventually(async () => (await page.getByRole("textbox", { name: "Author" }).inputValue()) === "Cid");
    await page.getByRole("textbox", { name: "Author" }).fill("Dan");
    await library.patch(document.id, { author: "Fay" });
    await alert.getByText("author: Cid → Fay").waitFor();
    await page.getByRole("button", { name: "Discard mine" }).click();
    expect(await page.getByRole("textbox", { name: "Author" }).inputValue()).toBe("Fay");
    await library.delete(document.id);
    await page.getByRole("heading", { name: "This document is gone" }).waitFor();
    await page.close();
  });

  it("have whatever ids: links lead to them, and no line breaks the page", async () => {
    for (const { text, texts, ...fields } of consoleDocuments) {
      const chunks = (texts ?? [text ?? ""]).map((one) => ({ text: one, embedding: vector }));
      await library.add({ ...fields, chunks });
    }
    const page = await browser.open(addressOf());
    for (const [size, width] of [
      ["wide", 1_280],
      ["narrow", 390],
    ] as const) {
      await page.setViewportSize({ width, height: 844 });
      await facts(page, /^5 documents/);
      await picture(page, `documents-${size}`);
      for (const id of Object.values(hardIds)) {
        const link = page
          .locator("li")
          .filter({ has: page.locator(".id", { hasText: id }) })
          .getByRole("link");
        await link.click();
        await page.locator(".ways .id", { hasText: id }).waitFor();
        await picture(page, `document-${size}-${id.slice(0, 4).replaceAll(/\W/g, "-")}`);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(await faultsOf(page)).toEqual([]);
        await page.reload();
        await page.locator(".ways .id", { hasText: id }).waitFor();
        await page.goBack();
      }
    }
    await page.getByText("Order and filter").click();
    await page.getByLabel("Sort by").selectOption("expires_at");
    await eventually(
      async () => (await page.locator(".documents-list li").first().textContent())?.includes("expires") === true,
    );
    await page.goto(addressOf(hardIds.quoted));
    await page.getByRole("textbox", { name: "Author" }).fill("Eve");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/^Saved at position/).waitFor();
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await facts(page, /^4 documents/);
    await library.add(plain("Dots", { id: ".." }));
    await page.getByRole("link", { name: "Dots" }).click();
    await page.getByText("No address can carry the id “..”.").waitFor();
    await page.goto(addressOf("not there"));
    await page.getByRole("heading", { name: "Document not found" }).waitFor();
    await page.close();
  });

  it("tell in words what became of them", async () => {
    const page = await browser.open(`${server.url}/#/library/${library.id}/events`);
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    const { document } = await library.add(plain("Patched"));
    await library.patch(document.id, { author: "Ada" });
    await library.add(plain("Short-lived", { ttl_seconds: 1 }));
    await library.add({ chunks: [{ text: "Without a title", embedding: vector }], old: true });
    await library.deleteMatching({ old: true });
    const row = (text: string, words: string) =>
      page
        .locator(".events li")
        .filter({ hasText: text })
        .filter({ has: page.getByText(words, { exact: true }) });
    await row("Patched", "Changed").waitFor();
    await row("Short-lived", "Expired").waitFor();
    await row("Without a title", "Deleted").getByText("(title made from the text)").waitFor();
    await row("Patched", "Changed").locator("summary").click();
    await picture(page, "events-words");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Open the document" }).click();
    await page.getByRole("heading", { name: "Patched" }).waitFor();
    await page.close();
  });

  it("are there again once the server is, for what was asked meanwhile", async () => {
    const directory = await temporaryDirectory();
    const first = await startServer({ ARRWDB_DATA_DIR: directory });
    const own = new ArrwClient({ url: first.url });
    const { id } = await own.libraries.create({ name: "Away", embedding_model: "none", dimension: 2 });
    await own.library(id).add(plain("Old", { old: true }));
    await own.library(id).add(plain("New", { old: false }));
    const page = await browser.open(`${first.url}/#/library/${id}/documents`);
    const search = await browser.open(`${first.url}/#/library/${id}/search`);
    await listed(page, "New", "Old");
    await search.getByText("This library has no embedding model").waitFor();
    await first.stop();
    await filterBy(page, "old", "true");
    await search.getByRole("searchbox").fill("old");
    for (const one of [page, search]) await one.getByRole("alert").first().waitFor();
    expect(await titles(page)).toEqual([]);
    const second = await startServer({ ARRWDB_DATA_DIR: directory, PORT: new URL(first.url).port });
    await listed(page, "Old");
    await search.locator(".hit h3", { hasText: "Old" }).waitFor();
    for (const one of [page, search]) {
      expect(await one.getByRole("alert").count()).toBe(0);
      await one.close();
    }
    own.close();
    await second.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("break none of the page's own rules", () => {
    expect(browser.errors).toEqual([]);
  });
});
