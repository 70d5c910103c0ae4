import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumFlags, chromiumPath, noChromium } from "../support/pages/chromium.ts";
import { faultsOf } from "../support/pages/console-browser.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { describeUnless } from "../support/skipping.ts";

describeUnless(noChromium, "The guide in a browser", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: [...chromiumFlags] });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const views = [
    { colorScheme: "light", width: 1440, path: "" },
    { colorScheme: "dark", width: 1440, path: "/search" },
    { colorScheme: "light", width: 360, path: "/errors" },
    { colorScheme: "dark", width: 360, path: "/troubleshooting" },
  ] as const;

  it.each(views)(
    "can be read by everybody at $width pixels, $colorScheme: /docs/guide$path",
    async ({ colorScheme, width, path }) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      const faults: string[] = [];
      // What the content security policy refuses is told here too.
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(server.url)) faults.push(request.url());
      });
      await page.goto(`${server.url}/docs/guide${path}`);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      expect(await faultsOf(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  it("is walked with the keyboard: past the menus, and on a small screen through them", async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 900 } });
    await page.goto(`${server.url}/docs/guide/quick-start`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement?.id")).toBe("content");
    await page.getByText("Pages", { exact: true }).press("Enter");
    const menu = page.getByRole("navigation", { name: "Pages, in short" });
    await menu.getByRole("link", { name: "Filters" }).press("Enter");
    await page.getByRole("heading", { name: "Filters", level: 1 }).waitFor();
    await page.getByText("Pages", { exact: true }).press("Enter");
    expect(await menu.getByRole("link", { name: "Filters" }).getAttribute("aria-current")).toBe("page");
    await page.close();
  });
});
