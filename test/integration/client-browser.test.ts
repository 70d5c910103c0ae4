import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { expect, it } from "vitest";
import { adminKey } from "../support/server/access.ts";
import { chromiumFlags, chromiumPath, noChromium } from "../support/pages/chromium.ts";
import { because } from "../support/skipping.ts";
import { numbers } from "../support/peers/test-client.ts";
import type { PageReport } from "../support/pages/page-program.ts";
import { PageServer } from "../support/pages/page-server.ts";
import { startServer, temporaryDirectory } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

const total = 200;

async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL("../support/pages/page-program.ts", import.meta.url));
  const { output } = await (await rolldown({ input, platform: "browser" })).generate({ format: "es", minify: true });
  return output[0].code;
}

/** Signs the page in, and hears over `EventSource`, which carries nothing but the cookie, where its library is. */
const signedIn = `(async () => {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ key: ${JSON.stringify(adminKey)} });
  const before = (await fetch("/v1/libraries")).status;
  await fetch("/v1/browser-session", { method: "POST", headers, body });
  const { libraries } = await (await fetch("/v1/libraries")).json();
  const source = new EventSource("/v1/libraries/" + libraries[0].id + "/events?from_seq=0");
  const heard = await new Promise((resolve, reject) => {
    source.onmessage = ({ data }) => resolve(JSON.parse(data).type);
    source.onerror = reject;
  });
  source.close();
  return [before, heard, document.cookie];
})()`;

const servers: readonly (readonly [string, Readonly<Record<string, string>>, string | undefined])[] = [
  ["asks for no key", {}, undefined],
  ["asks for keys", { ARRWDB_ADMIN_KEY: adminKey }, adminKey],
];
const name = `At a server that %s the client works in a browser${because(noChromium)}`;

it.skipIf(noChromium !== undefined).for(servers)(name, async ([, environment, key]) => {
  const server = await startServer(environment);
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
    await page.evaluate(`page.begin(${JSON.stringify(pages.url)}, ${total}, ${JSON.stringify(key)})`);
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
    await eventually(async () => JSON.stringify(await page.evaluate("page.report()")).includes("session.state"));
    expect(errors).toEqual([]);
    if (key !== undefined) expect(await page.evaluate(signedIn)).toEqual([401, "library.created", ""]);
  } finally {
    await browser.close();
    await server.stop();
    await rm(profile, { recursive: true, force: true });
  }
});
