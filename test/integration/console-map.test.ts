import { ArrwClient } from "arrwdb-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { noChromium } from "../support/pages/chromium.ts";
import { ConsoleBrowser, picture } from "../support/pages/console-browser.ts";
import { describeUnless } from "../support/skipping.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

const chunksOfDocument = 100;
const dimension = 16;

let server: TestServer;
let client: ArrwClient;
let browser: ConsoleBrowser;

/** Chunks around the middle of their topic. */
function* documents(count: number) {
  for (let number = 0; number < count; number++) {
    const topic = number % 5;
    const chunks = Array.from({ length: chunksOfDocument }, (_, index) => ({
      text: `Note ${index} of ${number}`,
      embedding: Array.from({ length: dimension }, (_unused, place) =>
        place === topic ? 3 : Math.sin(number * 31 + index * 17 + place * 7),
      ),
    }));
    yield { title: `Document ${number}`, topic: `topic ${topic}`, chunks };
  }
}

describeUnless(noChromium, "The map of a large library", () => {
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

  it(
    "holds 20,000 chunks and says so, lights up hits, and makes place for what is new",
    { timeout: 120_000 },
    async () => {
      const { id } = await client.libraries.create({ name: "Large", embedding_model: "none", dimension });
      const library = client.library(id);
      for await (const result of library.ingest(documents(205))) expect(result.success).toBe(true);
      const page = await browser.open(`${server.url}/#/library/${id}/map`);
      await page.getByText("20,000 chunks of 20,500: the first added, and new ones").waitFor();

      const map = page.locator("canvas");
      const before = await map.screenshot();
      await page.getByRole("searchbox", { name: "Highlight chunks with these words" }).fill("note 7");
      await eventually(async () => !before.equals(await map.screenshot()));
      await picture(page, "map-large");
      await page.getByRole("searchbox").fill("");

      const chunks = Array.from({ length: 3 }, (_, place) => ({
        text: `New ${place}`,
        embedding: Array.from({ length: dimension }, (_unused, one) => (one === 9 ? 1 : 0)),
      }));
      await library.add({ title: "Newcomer", topic: "topic new", chunks });
      await page.getByRole("listitem").filter({ hasText: "topic new 3" }).waitFor();
      await page.getByText("20,000 chunks of 20,503").waitFor();
      await map.focus();
      await page.keyboard.press("ArrowRight");
      await page.locator("#map-point h2").waitFor();
      await page.close();
      expect(browser.errors).toEqual([]);
    },
  );
});
