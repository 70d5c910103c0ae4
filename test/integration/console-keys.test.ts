import { ArrwClient } from "arrwdb-client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { adminKey, createKey, createLibraryWith, revokeKey, startGuardedServer } from "../support/server/access.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, faultsOf, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import type { TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let admin: ArrwClient;
let browser: ConsoleBrowser;

const enter = async (page: Page, key: string) => {
  await page.getByRole("dialog").getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
};

/** A page in a tab of its own, which therefore has no key, with this one entered. */
async function openWith(key: string, path = ""): Promise<Page> {
  const page = await browser.open(`${server.url}/${path}`);
  await enter(page, key);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  return page;
}

const soon = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

describeUnless(noChromium, "The console of a server that wants keys", () => {
  beforeAll(async () => {
    await buildConsole({ whenChanged: true });
    server = await startGuardedServer();
    admin = new ArrwClient({ url: server.url, key: adminKey });
    browser = await ConsoleBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    admin.close();
    await server.stop();
  });

  it("asks for a key, says what is wrong with one, and keeps the right one in its tab alone", async () => {
    const page = await browser.open(server.url);
    await page.getByRole("heading", { name: "API key required" }).waitFor();
    await picture(page, "keys-1-asked");
    expect(await faultsOf(page)).toEqual([]);
    await enter(page, "not a key, ключ");
    await page.getByText("Not a valid key: keys consist of letters").waitFor();
    await enter(page, `arrw_${"0".repeat(16)}_${"x".repeat(43)}`);
    await page.getByText("The API key is unknown or was revoked").waitFor();
    await picture(page, "keys-2-wrong");

    // Whoever closes the question still sees why there is nothing.
    await page.keyboard.press("Escape");
    await page.getByText("API key required.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await picture(page, "keys-3-closed");
    await page.getByRole("button", { name: "Enter API key" }).click();
    await enter(page, adminKey);
    await page.getByRole("heading", { name: "No libraries yet" }).waitFor();
    await page.getByText("full access").waitFor();
    expect(await page.evaluate("Object.values(sessionStorage)")).toEqual([adminKey]);
    expect(await page.evaluate("Object.values(localStorage)")).not.toContain(adminKey);
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.reload();
    await page.getByRole("heading", { name: "No libraries yet" }).waitFor();
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByRole("heading", { name: "API key required" }).waitFor();
    expect(await page.evaluate("Object.values(sessionStorage)")).toEqual([]);
    await page.close();
  });

  it("does everything with a key that may, WebSockets too, and shows it in no address", async () => {
    const id = await createLibraryWith(server.url);
    const page = await openWith(adminKey, `#/library/${id}/events`);
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await admin.library(id).add({ title: "One", chunks: [{ text: "1", embedding: [1, 0] }] });
    await page.locator(".events .name", { hasText: "One" }).waitFor();
    await page.getByRole("link", { name: "Server" }).click();
    await page.getByRole("img", { name: /^Event loop delay, last 2 minutes: now median \d/ }).waitFor();
    await picture(page, "keys-4-server");
    expect(await faultsOf(page)).toEqual([]);
    expect([...browser.requested].filter((address) => address.includes(adminKey))).toEqual([]);
    await page.close();
  });

  it("says what a key that reads does not allow, and offers none of it", async () => {
    const { id } = await admin.libraries.create({ name: "Readable" });
    await admin.library(id).add({ title: "Kettle", text: "Boiling water for tea." });
    const { key } = await createKey(server.url, { name: "reader", scope: "read" });
    const page = await openWith(key);
    await page.getByRole("link", { name: "Readable" }).first().waitFor();
    const reason = "The key “reader” has the scope read; creating a library requires admin.";
    await page.getByText(reason).waitFor();
    expect(await page.getByRole("button", { name: "New library" }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
    expect(await faultsOf(page)).toEqual([]);
    await picture(page, "keys-5-reader");

    await page.goto(`${server.url}/#/library/${id}/add`);
    await page.getByText("The key “reader” has the scope read; adding documents requires write.").last().waitFor();
    for (const name of ["Add files", "Load sample documents", "Store"]) {
      expect(await page.getByRole("button", { name }).isDisabled()).toBe(true);
    }
    await picture(page, "keys-6-reader-add");
    await page.goto(`${server.url}/#/library/${id}/search`);
    await page.getByRole("searchbox").fill("tea");
    await page.locator(".hit h3", { hasText: "Kettle" }).waitFor();
    await page.goto(`${server.url}/#/library/${id}/documents`);
    await page.getByText("The key “reader” has the scope read; deleting documents requires write.").waitFor();
    expect(await page.getByRole("button", { name: "Delete all…" }).isDisabled()).toBe(true);
    await page.getByRole("link", { name: "Kettle" }).click();
    await page.getByText("The key “reader” has the scope read; changing documents requires write.").waitFor();
    expect(await page.getByRole("textbox", { name: "Title" }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Delete…" }).isDisabled()).toBe(true);
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${server.url}/#/library/${id}/live`);
    await page.getByLabel("Query to watch").fill("tea");
    await page.getByRole("button", { name: "Watch" }).click();
    await page.locator(".hit h3", { hasText: "Kettle" }).waitFor();
    await page.close();
  });

  it("shows with a key for one library that one, and says so of others and of the server", async () => {
    const own = await createLibraryWith(server.url);
    const other = await createLibraryWith(server.url);
    const { key } = await createKey(server.url, { name: "limited", scope: "admin", libraries: [own] });
    const page = await openWith(key);
    await page.getByText("1 library with 0 documents").waitFor();
    await page.getByText("The key “limited” is restricted to certain libraries").waitFor();
    await page.goto(`${server.url}/#/library/${other}/search`);
    await page.getByText("There is no library with this id, or the key has no access to it").waitFor();
    await picture(page, "keys-7-other-library");
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${server.url}/#/health`);
    await page.getByText("server-wide metrics (requests, memory, event loop) are not shown").waitFor();
    await page.getByRole("img", { name: /^Index memory/ }).waitFor();
    await picture(page, "keys-8-limited-server");
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });

  it("says so when a key is revoked while it is open, and goes on with another one", async () => {
    const { id } = await admin.libraries.create({ name: "Watched", embedding_model: "none", dimension: 2 });
    const library = admin.library(id);
    const { id: keyId, key } = await createKey(server.url, { name: "leaver", scope: "write" });
    const page = await openWith(key, `#/library/${id}/events`);
    await page.getByLabel("After position").fill("0");
    await page.getByLabel("After position").press("Enter");
    await library.add({ title: "Before", chunks: [{ text: "1", embedding: [1, 0] }] });
    await page.locator(".events .name", { hasText: "Before" }).waitFor();
    await revokeKey(server.url, keyId);
    await page.getByRole("heading", { name: "API key rejected" }).waitFor();
    await page.getByRole("dialog").getByText("or was revoked").waitFor();
    await picture(page, "keys-9-revoked");
    expect(await page.getByRole("heading", { name: "Watched" }).count()).toBe(1);
    await library.add({ title: "Meanwhile", chunks: [{ text: "2", embedding: [0, 1] }] });
    await enter(page, adminKey);
    await page.locator(".events .name", { hasText: "Meanwhile" }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.close();
  });

  it("says so when a key expires while it is open", async () => {
    await createLibraryWith(server.url);
    const { key } = await createKey(server.url, { name: "short", scope: "read", expires_at: soon(4_000) });
    const page = await openWith(key);
    await page.getByText(/read only, until /).waitFor();
    await page.getByRole("heading", { name: "API key rejected" }).waitFor();
    await page.getByRole("dialog").getByText("expired").waitFor();
    expect(await page.getByRole("button", { name: "New library", includeHidden: true }).isDisabled()).toBe(true);
    await page.close();
  });

  it("breaks none of its own rules", () => {
    expect(browser.errors).toEqual([]);
  });
});
