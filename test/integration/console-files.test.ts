import { readdir, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildConsole } from "../../console/build.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";

/** Bytes of all of the console as a browser is sent it. */
const mostBytes = 64 * 1024;

let server: TestServer;
const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "br" };

beforeAll(async () => {
  await buildConsole({ whenChanged: true });
  server = await startServer();
});
afterAll(() => server.stop());

describe("The console's files", () => {
  it("are for browsers, while programs are told what this is", async () => {
    const page = await fetch(server.url, { headers: html });
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(page.headers.get("content-encoding")).toBe("br");
    expect(page.headers.get("vary")).toMatch(/accept\b/);
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect(await (await fetch(server.url)).json()).toMatchObject({ name: "arrwDB", libraries: "/v1/libraries" });
  });

  it("come under a content security policy that allows nothing inline and nobody else", async () => {
    const page = await fetch(server.url, { headers: html });
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    const text = await page.text();
    expect(text).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
  });

  it("are kept for good, compressed, and may be asked for again", async () => {
    const text = await (await fetch(server.url, { headers: html })).text();
    const names = [...text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      const file = await fetch(`${server.url}/${name}`, { headers: { "accept-encoding": "gzip" } });
      expect(file.status).toBe(200);
      expect(file.headers.get("cache-control")).toMatch(/immutable/);
      expect(file.headers.get("content-encoding")).toBe("gzip");
      const etag = file.headers.get("etag") ?? "";
      await file.arrayBuffer();
      const again = await fetch(`${server.url}/${name}`, {
        headers: { "accept-encoding": "gzip", "if-none-match": etag, "cache-control": "max-age=0" },
      });
      expect(again.status).toBe(304);
    }
  });

  it("are all that is served: others are not there, and are not remembered as missing", async () => {
    const others = [
      "none.js",
      "..%2findex.html",
      "%2e%2e%2f%2e%2e%2fpackage.json",
      "..%5c..%5cpackage.json",
      "a%00.js",
    ];
    for (const name of others) {
      const response = await fetch(`${server.url}/assets/${name}`);
      expect([404, 422]).toContain(response.status);
      expect(response.headers.get("cache-control")).toBeNull();
      expect(await response.json()).toMatchObject({ code: expect.stringMatching(/route_not_found|validation_failed/) });
    }
  });

  it("hold none of the protocol's schemas, nor the library that runs them", async () => {
    const assets = fileURLToPath(new URL("../../console/dist/assets", import.meta.url));
    const scripts = (await readdir(assets)).filter((name) => name.endsWith(".js"));
    expect(scripts).not.toEqual([]);
    // A property that every schema of zod has, so that no minifier renames it.
    for (const name of scripts) expect(await readFile(`${assets}/${name}`, "utf8")).not.toContain("_zod");
  });

  it(`are no more than ${mostBytes} bytes in all`, async () => {
    const dist = fileURLToPath(new URL("../../console/dist", import.meta.url));
    const files = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith(".br"));
    const sizes = await Promise.all(files.map(async (name) => (await stat(`${dist}/${name}`)).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(mostBytes);
  });
});
