import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { consoleDocuments, hardIds } from "../support/data/console-documents.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;
let library: LibraryHandle;

const hits = (page: Page, number: number) =>
  page.getByText(new RegExp(`^(?:\\d+ groups? with )?${number} hits?$`)).waitFor();
const titles = (page: Page) => page.locator(".hit .doc-title").allTextContents();

async function openSearch(): Promise<Page> {
  const page = await browser.open(`${server.url}/#/library/${library.id}/search`);
  await page.getByRole("searchbox").fill("how can I pay?");
  await hits(page, 6);
  return page;
}

const countBy = async (page: Page, field: string) => {
  await page.getByLabel("Count the values of").selectOption(field);
  await page.getByRole("group", { name: field }).waitFor();
};
const value = (page: Page, field: string, name: RegExp) =>
  page.getByRole("group", { name: field }).getByRole("button", { name });

describeUnless(noChromium, "The console's search", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    const { id } = await client.libraries.create({ name: "Help" });
    library = client.library(id);
    for (const document of consoleDocuments) await library.add(document);
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    client.close();
    await server.stop();
  });

  it("counts the values of fields; one click on a value narrows it, and another widens it", async () => {
    const page = await openSearch();
    await countBy(page, "author");
    await value(page, "author", /^Ada 3$/).click();
    await hits(page, 3);
    await page.getByRole("button", { name: "Widen by author: Ada" }).waitFor();
    await countBy(page, "customer.address.city");
    await value(page, "customer.address.city", /^London 2$/).waitFor();
    await value(page, "customer.address.city", /^without a value 1$/).click();
    await hits(page, 1);
    await picture(page, "facets");
    expect(await faultsOf(page)).toEqual([]);
    // Other values of a field are counted as if it were not narrowed by, and are alternatives.
    await value(page, "author", /^Cid 2$/).click();
    await hits(page, 3);
    await value(page, "customer.address.city", /^London 2$/).waitFor();
    await value(page, "author", /^Cid 2$/).click();
    await value(page, "customer.address.city", /^without a value 1$/).click();
    await page.getByRole("button", { name: "Widen by author: Ada" }).click();
    await hits(page, 6);
    // A number and a text that look the same are two values.
    await countBy(page, "year");
    await value(page, "year", /^"2022" 1$/).click();
    await hits(page, 1);
    expect(await titles(page)).toEqual(["Returns"]);
    await page.getByRole("button", { name: "Do not count year" }).click();
    await hits(page, 6);
    await page.close();
  });

  it("groups hits by the document, and by a field", async () => {
    const page = await openSearch();
    await page.getByLabel("Group by").selectOption("document_id");
    await page.getByText("5 groups with 6 hits").waitFor();
    expect(await page.locator(".group").first().locator(".hit").count()).toBe(2);
    await page.getByLabel("Group by").selectOption("author");
    await page.getByRole("region", { name: "author: Ada" }).waitFor();
    await picture(page, "groups");
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it("shows nested metadata, expiries, and which titles are made from the text", async () => {
    const page = await openSearch();
    const card = page.locator(".hit").filter({ hasText: "You can pay by card" });
    for (const text of [
      "customer.address.city London",
      "customer.address.lines 1 High Street, Flat 2",
      "items.name pen, cup",
    ])
      await card.locator(".fields li", { hasText: text }).waitFor();
    const invoices = page.locator(".hit").filter({ hasText: "Invoices are sent" });
    await invoices.getByText("expires Jan 31, 2099, ").waitFor();
    await invoices.getByText("(title made from the text)").waitFor();
    expect(await page.getByText("(title made from the text)").count()).toBe(1);
    await picture(page, "hits");
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, "hits-narrow");
    await page.getByText("Options, filter and facets").click();
    await countBy(page, "document_id");
    await value(page, "document_id", /^long/).click();
    await hits(page, 1);
    await page.getByRole("group", { name: "document_id" }).scrollIntoViewIfNeeded();
    await picture(page, "facets-narrow");
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it("finds what is similar to a hit and to its document, whatever its id is, and goes back", async () => {
    const page = await openSearch();
    for (const text of ["You can pay by card", "Invoices are sent", "Payments that fail"]) {
      const hit = page.locator(".hit").filter({ hasText: text });
      await hit.getByRole("link", { name: "Similar to this" }).click();
      await page.locator(".similar").waitFor();
      await hits(page, 5);
      expect(await page.locator(".hit").filter({ hasText: text }).count()).toBe(0);
      await page.goBack();
      await hits(page, 6);
    }
    const card = page.locator(".hit").filter({ hasText: "You can pay by card" });
    await card.getByRole("link", { name: "Similar to the document" }).click();
    await page.locator(".similar").getByRole("link", { name: "Paying by card" }).waitFor();
    await hits(page, 4);
    await picture(page, "similar");
    expect(await faultsOf(page)).toEqual([]);
    // Typing is another search.
    await page.getByRole("searchbox").fill("parcel");
    await hits(page, 6);
    expect(await page.locator(".similar").count()).toBe(0);
    await page.close();
  });

  it("is as it was when one comes back from a hit", async () => {
    const page = await openSearch();
    await countBy(page, "author");
    await value(page, "author", /^Ada 3$/).click();
    await page.getByLabel("Field", { exact: true }).fill("year");
    await page.getByLabel("Value", { exact: true }).fill("2021");
    await hits(page, 1);
    await page.locator(".hit h3 a").click();
    await page.locator(".ways .id", { hasText: hardIds.quoted }).waitFor();
    await page.goBack();
    await hits(page, 1);
    expect(await page.getByLabel("Value", { exact: true }).inputValue()).toBe("2021");
    await value(page, "author", /^Ada 1$/).click();
    await hits(page, 2);
    await page.getByRole("button", { name: "Remove this condition" }).click();
    await hits(page, 6);
    await page.close();
  });

  it("copies an id exactly", async () => {
    const page = await openSearch();
    await page.evaluate(
      "window.copied = []; Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { copied.push(text); } } })",
    );
    for (const text of ["You can pay by card", "Invoices are sent", "Payments that fail"])
      await page.locator(".hit").filter({ hasText: text }).getByRole("button", { name: "Copy id" }).click();
    expect(await page.evaluate("copied")).toEqual([hardIds.url, hardIds.quoted, hardIds.long]);
    // As on a page that came without TLS.
    await page.evaluate(
      "Object.defineProperty(document, 'execCommand', { value: () => { copied.push(getSelection().toString()); return true; } }); navigator.clipboard.writeText = async () => { throw new Error(); }",
    );
    await page
      .locator(".hit")
      .filter({ hasText: "Invoices are sent" })
      .getByRole("button", { name: "Copy id" })
      .click();
    await page.waitForFunction("copied.length === 4");
    expect(await page.evaluate("copied[3]")).toBe(hardIds.quoted);
    await page.close();
  });

  it("updates hits, facets and groups live", async () => {
    const page = await openSearch();
    await countBy(page, "author");
    await page.getByLabel("Update live").check();
    await page.getByText("updating live").waitFor();
    await value(page, "author", /^Ada 3$/).waitFor();
    const { document } = await library.add({ title: "New", text: "Pay in cash.", author: "Ada" });
    await value(page, "author", /^Ada 4$/).waitFor();
    await hits(page, 7);
    await library.delete(document.id);
    await value(page, "author", /^Ada 3$/).waitFor();
    await value(page, "author", /^Ada 3$/).click();
    await hits(page, 3);
    const { document: other } = await library.add({ title: "Other", text: "Pay later.", author: "Fay" });
    await value(page, "author", /^Fay 1$/).waitFor();
    await library.delete(other.id);
    await value(page, "author", /^Ada 3$/).click();
    await page.getByLabel("Group by").selectOption("author");
    await page.getByRole("region", { name: "author: Dan" }).waitFor();
    await page.getByText("Keyword", { exact: true }).click();
    expect(await page.getByLabel("Update live").isDisabled()).toBe(true);
    await page.close();
  });

  it("shows no hits of one query under another", async () => {
    const page = await openSearch();
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/search?**", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole("searchbox").fill("parcel");
    await page.getByText("Searching…").waitFor();
    expect(await page.locator(".hit").count()).toBe(0);
    answer();
    await hits(page, 6);
    await page.unroute("**/search?**");
    await page.route("**/search?**", (route) => route.abort());
    await page.getByRole("searchbox").fill("receipt");
    await page.getByRole("alert").waitFor();
    expect(await page.locator(".hit").count()).toBe(0);
    await page.close();
  });

  it("breaks none of its own rules", () => {
    expect(browser.errors).toEqual([]);
  });
});
