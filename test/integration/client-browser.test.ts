import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { expect, it } from "vitest";
import { chromiumFlags, chromiumPath } from "../support/chromium.ts";
import { numbers, until } from "../support/client.ts";
import type { PageReport } from "../support/page-program.ts";
import { PageServer } from "../support/page-server.ts";
import { startServer, temporaryDirectory } from "../support/server.ts";

const total = 200;

async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL("../support/page-program.ts", import.meta.url));
  const { output } = await (await rolldown({ input, platform: "browser" })).generate({ format: "es", minify: true });
  return output[0].code;
}

it("The client works in a browser, and comes back there too", { skip: chromiumPath === undefined }, async () => {
  const server = await startServer();
  const profile = await temporaryDirectory();
  await using pages = await PageServer.start(server.url, await bundle());
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? "",
    args: [...chromiumFlags],
  });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(pages.url);
    await page.waitForFunction("globalThis.page !== undefined");
    const half = total / 2;
    await page.evaluate(`page.begin(${JSON.stringify(pages.url)}, ${total})`);
    await page.evaluate(`page.ingest(1, ${half})`);
    // One connection for the feed, the live query and the room.
    expect(pages.cut()).toBe(1);
    await page.evaluate(`page.ingest(${half + 1}, ${total})`);
    const report: PageReport = await page.evaluate("page.report()");
    expect(report).toMatchObject({
      lines: numbers(1, total),
      seqs: numbers(1, total + 1),
      nearest: `${total}`,
      refused: "validation_failed",
    });
    await until(async () => JSON.stringify(await page.evaluate("page.report()")).includes("session.state"));
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.stop();
    await rm(profile, { recursive: true, force: true });
  }
});
