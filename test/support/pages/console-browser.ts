import { mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumPath } from "./chromium.ts";
import { temporaryDirectory } from "../server/test-server.ts";

/** No sandbox, as CI is root; and nothing that would ask the network for anything but the page. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** A real browser that looks at the console, and remembers what went wrong in it. */
export class ConsoleBrowser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #profile: string;
  /** Errors of the pages' programs, and what the content security policy refused. */
  readonly errors: string[] = [];
  /** Addresses that pages asked for. */
  readonly requested = new Set<string>();

  static async start(): Promise<ConsoleBrowser> {
    const profile = await temporaryDirectory();
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath ?? "",
      args: flags,
      viewport: { width: 1_280, height: 860 },
      colorScheme: "light",
    });
    return new ConsoleBrowser(context, profile);
  }

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  async open(address: string): Promise<Page> {
    const page = await this.#context.newPage();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) this.errors.push(message.text());
    });
    page.on("request", (request) => this.requested.add(request.url()));
    await page.goto(address);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

const axe = createRequire(import.meta.url).resolve("axe-core");

/** What axe finds that people who see, hear or move otherwise would stumble over. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  // Animations would be caught half-way, with colours that are none.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { readFile } = await import("node:fs/promises");
  // By the browser's own means, as the page allows no script but its own.
  await page.evaluate(await readFile(axe, "utf8"));
  const results: AxeResults = await page.evaluate(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })",
  );
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`,
  );
}

/** Keeps a picture for people to look at, where a directory for them is given. */
export async function picture(page: Page, name: string): Promise<void> {
  const directory = process.env["CONSOLE_PICTURES"];
  if (directory === undefined) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`) });
}
