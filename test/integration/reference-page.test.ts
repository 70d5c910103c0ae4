import { operations } from "@arrwdb/protocol/operations/operations";
import { chromium } from "playwright-core";
import { expect, it } from "vitest";
import { chromiumFlags, chromiumPath, noChromium } from "../support/pages/chromium.ts";
import { adminKey, createLibraryWith, startGuardedServer } from "../support/server/access.ts";
import { startServer } from "../support/server/test-server.ts";
import { because } from "../support/skipping.ts";

it(
  `The page at /docs shows every operation, loads nothing from elsewhere, and tries what it shows with a key${because(noChromium)}`,
  { skip: noChromium !== undefined },
  async () => {
    const server = await startGuardedServer();
    const browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: [...chromiumFlags] });
    try {
      const id = await createLibraryWith(server.url);
      const page = await browser.newPage({ colorScheme: "dark" });
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      // What the content security policy refuses is told here too.
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) faults.push(request.url());
      });
      await page.goto(`${server.url}/docs`);
      await page.locator(".opblock").first().waitFor();
      expect(await page.locator(".opblock").count()).toBe(Object.keys(operations).length);
      expect(await page.locator("html.dark-mode").count()).toBe(1);
      expect(await page.getByRole("link", { name: "asyncapi.json (WebSocket)" }).getAttribute("href")).toBe(
        "asyncapi.json",
      );

      await page.getByRole("button", { name: "Authorize" }).first().click();
      await page.locator("#auth-bearer-value, .auth-container input").first().fill(adminKey);
      await page.locator(".auth-btn-wrapper .authorize").click();
      await page.locator(".auth-btn-wrapper .btn-done").click();
      const upload = page.locator("#operations-Documents-streamDocuments");
      await upload.locator(".opblock-summary-control").click();
      await upload.getByPlaceholder("library_id").fill(id);
      const lines = '{"title":"A","chunks":[{"text":"a","embedding":[1,0]}]}\n{"title":"B"}\n';
      // Lines are shown as lines, which can be sent as they are.
      expect(await upload.locator("textarea").inputValue()).toMatch(/^\{"title":"Get an invoice",.*\}\n\{.*\}\n$/);
      await upload.locator("textarea").fill(lines);
      await upload.getByRole("button", { name: "Execute" }).click();
      const answer = upload.locator(".live-responses-table .response");
      await answer.locator("text=processing_time_ms").first().waitFor();
      expect(await answer.innerText()).toMatch(/"successful": 1,\s+"failed": 1/);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
      await server.stop();
    }
  },
);

it("Its files are known by name, and no other file is read", async () => {
  const server = await startServer();
  try {
    for (const file of ["nothing.js", "..%2fpackage.json", "%2e%2e%2f%2e%2e%2fpackage.json", "constructor"]) {
      const response = await fetch(`${server.url}/docs/assets/${file}`);
      expect([file, response.status]).toEqual([file, 404]);
    }
    const policy = (await fetch(`${server.url}/docs`)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
  } finally {
    await server.stop();
  }
});
