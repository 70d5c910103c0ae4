import { readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Addresses } from "../../server/src/http/guide/guide-addresses.ts";
import { buildGuide } from "../../server/src/http/guide/build-guide.ts";
import { renderMarkdown } from "../../server/src/http/guide/markdown.ts";
import { Slugger } from "../../server/src/http/guide/slug.ts";
import { startGuardedServer } from "../support/server/access.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const docs = (await readdir(new URL("../../docs", import.meta.url)))
  .filter((name) => name.endsWith(".md") && name !== "README.md")
  .map((name) => name.replace(/\.md$/, ""));

const valuesOf = (html: string, attribute: string) =>
  [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) => value);

/** The page, with the addresses that it leads to and loads. */
async function load(address: string): Promise<{ html: string; ids: readonly string[]; links: readonly URL[] }> {
  const response = await fetch(address);
  expect([address, response.status]).toEqual([address, 200]);
  const html = await response.text();
  const links = ["href", "src", "srcset"].flatMap((attribute) => valuesOf(html, attribute));
  const here = links
    .map((link) => new URL(link, address))
    .filter(({ origin }) => origin === new URL(server.url).origin);
  return { html, ids: valuesOf(html, "id"), links: here };
}

/** What is sent as it stands: `fetch` would resolve the dots. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(server.url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("The guide at /docs/guide", () => {
  it("lists every page, and leads from page to page to what is there, down to the heading", async () => {
    const index = `${server.url}/docs/guide`;
    const pages = new Map<string, Awaited<ReturnType<typeof load>>>();
    const wanted = [index];
    const others = new Set<string>();
    for (let address = wanted.pop(); address !== undefined; address = wanted.pop()) {
      if (pages.has(address)) continue;
      const page = await load(address);
      pages.set(address, page);
      for (const { origin, pathname } of page.links) {
        if (/^\/docs\/guide(\/[\w-]+)?$/.test(pathname)) wanted.push(`${origin}${pathname}`);
        else others.add(`${origin}${pathname}`);
      }
    }
    const listed = (pages.get(index)?.links ?? []).map(({ pathname }) => pathname);
    expect(listed).toEqual(expect.arrayContaining(docs.map((name) => `/docs/guide/${name}`)));
    expect(pages.size).toBeGreaterThan(docs.length);
    const lost = [...pages].flatMap(([address, { links }]) =>
      links
        .filter(({ origin, pathname, hash }) => {
          const ids = pages.get(`${origin}${pathname}`)?.ids;
          return hash !== "" && ids !== undefined && !ids.includes(decodeURIComponent(hash.slice(1)));
        })
        .map(({ href }) => `${address} -> ${href}`),
    );
    expect(lost).toEqual([]);
    expect(others.size).toBeGreaterThan(3);
    for (const address of others) expect([address, (await fetch(address)).status]).toEqual([address, 200]);
  });

  it.each(docs)("shows %s as a page of its own, with one title, and every id once", async (name) => {
    const { html, ids } = await load(`${server.url}/docs/guide/${name}`);
    expect(html.match(/<h1\b/g)).toHaveLength(1);
    expect(html).toMatch(/<title>[^<]+ – arrwDB<\/title>/);
    expect(new Set(ids).size).toBe(ids.length);
    // The page itself and no other is marked in each of the two menus.
    expect(html.match(/aria-current="page"/g)).toHaveLength(2);
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|href="[^"]*\.md/);
  });

  it("comes under a content security policy without any script", async () => {
    for (const path of ["", "/quick-start"]) {
      const { headers } = await fetch(`${server.url}/docs/guide${path}`);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script|unsafe|https?:|\*/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("is sent again only where it has changed, and compressed where that is understood", async () => {
    const address = `${server.url}/docs/guide/api`;
    const plain = await fetch(address, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    const compressed = await fetch(address, { headers: { "accept-encoding": "gzip" } });
    expect(compressed.headers.get("content-encoding")).toBe("gzip");
    expect(await compressed.text()).toBe(await plain.text());
    const etag = plain.headers.get("etag") ?? "";
    for (const known of [etag, `"other", W/${etag}`, "*"]) {
      const again = await fetch(address, { headers: { "if-none-match": known, "cache-control": "max-age=0" } });
      expect([again.status, await again.text()]).toEqual([304, ""]);
    }
  });

  it("has images, and nothing else", async () => {
    const image = await fetch(`${server.url}/docs/guide/images/console.png`);
    expect([image.status, image.headers.get("content-type")]).toEqual([200, "image/png"]);
    const paths = ["../x", "%2e%2e", "..%2fpackage.json", "nowhere", "images/%2e%2e", "images/..%2fapi.md", "api.md"];
    for (const path of [...paths, "__proto__", "README", "images/", "a%00"]) {
      expect([path, await statusOf(`/docs/guide/${path}`)]).toEqual([path, 404]);
    }
    const response = await fetch(`${server.url}/docs/guide/nowhere`);
    expect(problem.parse(await response.json()).code).toBe("route_not_found");
    expect(await statusOf("/docs/guide/")).toBe(302);
  });

  it("needs no key where everything else does", async () => {
    const guarded = await startGuardedServer();
    try {
      expect((await fetch(`${guarded.url}/docs/guide/security`)).status).toBe(200);
      expect((await fetch(`${guarded.url}/v1/libraries`)).status).toBe(401);
    } finally {
      await guarded.stop();
    }
  });
});

it("A server without the pages has no guide, and says so as of any address that is not there", async () => {
  const directory = await temporaryDirectory();
  const { pages, images } = await buildGuide(directory);
  expect([pages.size, images.size]).toEqual([0, 0]);
  await rm(directory, { recursive: true });
});

it("Headings have the ids that GitHub gives them", () => {
  const slugger = new Slugger();
  const ids = ["What `retryable` is", "LangChain.js", "AI SDK & more", "snake_case – Ünïcode", "Search", "Search"];
  expect(ids.map((heading) => slugger.slug(heading))).toEqual([
    "what-retryable-is",
    "langchainjs",
    "ai-sdk--more",
    "snake_case--ünïcode",
    "search",
    "search-1",
  ]);
});

it("A page keeps the former ids of its headings, so that links to them still work", () => {
  const text = '# Page\n\nText.\n\n<a id="old-name"></a>\n\n## New name\n';
  const { html, headings } = renderMarkdown(text, "docs/page.md", "", new Addresses([]));
  expect(html).toContain('<a id="old-name"></a>');
  expect(headings).toEqual([{ depth: 2, id: "new-name", html: "New name" }]);
});
