import { ArrwClient } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf } from "../support/pages/console-browser.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;

const facts = (page: Page, text: RegExp) => page.locator(".title .facts").filter({ hasText: text }).waitFor();

/** More than the console shows at a time; the one that was made last has a document. */
const made = 520;

describeUnless(noChromium, "The console of a server with many libraries", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startServer();
    client = new ArrwClient({ url: server.url });
    // One after the other, as that is their order.
    for (let number = 1; number <= made; number++) {
      await client.libraries.create({ name: `Number ${number}`, embedding_model: "none", dimension: 2 });
    }
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    client.close();
    await server.stop();
  });

  it("shows all of them, a page at a time, and says which they are", async () => {
    const page = await browser.open(server.url);
    await facts(page, /^1 to 500 of more, with 0 documents$/);
    expect(await page.getByRole("button", { name: "Previous" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Next" }).click();
    await facts(page, /^501 to 520 of all, with 0 documents$/);
    await page.getByRole("row", { name: /Number 520/ }).waitFor();
    expect(await page.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Previous" }).click();
    await facts(page, /^1 to 500 of more/);
    const lists = [...browser.requested].filter((address) => address.includes("/v1/libraries?"));
    expect(lists).not.toHaveLength(0);
    expect(lists.filter((address) => !address.includes("limit=500"))).toEqual([]);
    await page.close();
  });

  it("knows one that is not on the page, and tells when it is gone", async () => {
    const { libraries } = await client.libraries.page({ limit: 1_000 });
    const { id, name } = libraries.at(-1) ?? { id: "", name: "" };
    await client.library(id).add({ title: "Only one", chunks: [{ text: "A word", embedding: [1, 0] }] });
    const page = await browser.open(`${server.url}/#/library/${id}/search`);
    await page.getByRole("heading", { name }).waitFor();
    const aside = page.getByRole("navigation", { name: "Libraries" }).getByRole("link", { name });
    await aside.waitFor();
    expect(await aside.getAttribute("aria-current")).toBe("page");
    await facts(page, /^1 document · 1 chunk/);
    await page.getByText("This library has no embedding model").waitFor();
    await page.getByRole("searchbox").fill("word");
    await page.getByText("Only one").waitFor();
    expect(await page.getByLabel("Keyword", { exact: true }).isChecked()).toBe(true);
    await client.libraries.delete(id);
    await page.getByRole("heading", { name: "Library not found" }).waitFor();
    await page.close();
  });
});
