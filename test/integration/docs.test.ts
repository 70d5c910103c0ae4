import { access, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ErrorDefinition, errorTable } from "@arrwdb/protocol/errors/error-table";
import { referencePage } from "@arrwdb/protocol/description/reference-page";
import { schemaEntries } from "@arrwdb/protocol/description/schemas/named-schemas";
import { actions, isAction, pingEnvelope, requestEnvelope, successResponse } from "@arrwdb/protocol/websocket/messages";
import { operations } from "@arrwdb/protocol/operations/operations";
import { protocolHistory, protocolVersion } from "@arrwdb/protocol/version";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Slugger } from "../../server/src/http/guide/slug.ts";
import { pagesWithSettings, withSettings } from "../../server/src/settings/settings-page.ts";
import { type Block, pythonMissing, Reader, readPages } from "../support/pages/pages.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

const runnable: ReadonlySet<string> = new Set(["bash", "javascript", "python"]);
const isRunnable = ({ language }: Block) => runnable.has(language);
const guides = (await readPages("README.md", "client/README.md", "integrations/langchain/README.md")).filter(
  ({ blocks }) => blocks.some(isRunnable),
);
const allPages = await readPages(
  "README.md",
  "PROTOCOL.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "client/README.md",
  "examples/README.md",
  "examples/python/README.md",
  "integrations/ai-sdk/README.md",
  "integrations/langchain/README.md",
);
const noPython = await pythonMissing();

/** Schemas by their names in descriptions; those that stand in none, by their names on the wire. */
const marked = new Map(schemaEntries.map(({ name, wire, schema }) => [name ?? wire, schema]));

/** Those whose values come out in another shape than clients send them in: only whether they are accepted counts. */
const clientsOwn: ReadonlySet<string> = new Set([
  "CreateLibrary",
  "DocumentInput",
  "DocumentPatch",
  "DocumentsPatch",
  "MetadataFilter",
  "PatchLibrary",
  "Search",
]);

/** The value as the schema of its marker gives it back. */
function throughSchema(marker: string, value: unknown): unknown {
  const [kind = "", name = ""] = marker.split(" ");
  if (kind === "request" && isAction(name)) {
    const envelope = name === "ping" ? pingEnvelope : requestEnvelope;
    const { data } = envelope.extend({ action: z.literal(name) }).parse(value);
    actions[name].request.parse(data ?? {});
    return value;
  }
  if (kind === "response" && isAction(name)) {
    const answer = successResponse.strict().parse(value);
    return { ...answer, data: actions[name].response.parse(answer.data) };
  }
  const schema = marked.get(kind);
  if (schema === undefined) throw new Error(`No schema is known for the marker "${marker}"`);
  const parsed = schema.parse(value);
  return clientsOwn.has(kind) ? value : parsed;
}

const valuesOf = ({ language, text }: Block): readonly unknown[] =>
  (language === "json" ? [text] : text.trim().split("\n")).map((json): unknown => JSON.parse(json));

describe.each(allPages)("The JSON on $name", ({ blocks }) => {
  const examples = blocks.filter(({ language }) => language === "json" || language === "ndjson");

  it.each(examples)("in line $line is what the schema says ($marker)", (block) => {
    const values = valuesOf(block);
    expect(values.map((value) => throughSchema(block.marker, value))).toEqual(values);
  });

  it("stands in languages that are checked, or left alone on purpose", () => {
    // `proxies.test.ts` runs the configuration of proxies.
    const proxies = ["nginx", "haproxy"];
    const known = new Set([...runnable, ...proxies, "json", "ndjson", "sh", "text", "ts", "mermaid"]);
    expect(blocks.filter(({ language }) => !known.has(language))).toEqual([]);
  });
});

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");

const withoutCode = (page: string) => page.replaceAll(/^```.*?^```$/gms, "");

/** The ids of a page's headings, as GitHub makes them, and the former ids that it still answers to. */
function idsOf(page: string): readonly string[] {
  const slugger = new Slugger();
  const text = withoutCode(page);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  const ids = headings.map((heading) =>
    slugger.slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "")),
  );
  return [...ids, ...[...text.matchAll(/^<a id="([^"]+)"><\/a>$/gm)].map(([, id = ""]) => id)];
}

describe("The pages", () => {
  it("tell the version of the protocol and its history", async () => {
    const page = await read("PROTOCOL.md");
    expect(page).toContain(`**Version ${protocolVersion}**`);
    for (const { version, date, change } of protocolHistory) {
      expect(page).toContain(`| ${version} | ${date} | ${change} |`);
    }
  });

  it("tell each close code that the server sends", async () => {
    const page = await read("PROTOCOL.md");
    const codes = Object.values<ErrorDefinition>(errorTable).flatMap(({ close }) => close ?? []);
    expect(codes.filter((code) => !page.includes(`\n| ${code} | `))).toEqual([]);
  });

  it("tell each request over HTTP in a row of its own, with each status of success", async () => {
    const page = await read("PROTOCOL.md");
    const rows = [...page.matchAll(/^\| `(?<request>[A-Z]+ \/[^`?]*)[^`]*` \| (?<statuses>[\d, ]+) \|/gm)];
    const told = rows.map(({ groups }) => `${groups?.["request"]}: ${groups?.["statuses"]}`.split(/[:,] /));
    const expected = Object.values(operations).map(({ method, path, answers }) => [
      `${method} ${path}`,
      ...Object.keys(answers),
    ]);
    const sorted = (all: readonly (readonly string[])[]) => all.map((one) => one.toSorted().join(" ")).toSorted();
    expect(sorted(told)).toEqual(sorted(expected));
  });

  it.each(pagesWithSettings)(
    "have the settings as they are now (npm run docs:settings writes them): %s",
    async (name) => {
      const page = await read(name);
      expect(page).toContain("<!-- settings");
      expect(page).toBe(withSettings(page, name));
    },
  );

  it("have the reference as the schemas are now (npm run docs:api writes it)", async () => {
    expect(await read("docs/api.md")).toBe(referencePage());
  });

  it("link to what is there, down to the heading", async () => {
    const links = await Promise.all(
      allPages.map(async ({ name }) => {
        const targets = [...withoutCode(await read(name)).matchAll(/\]\((?!https?:)([^)]+)\)/g)];
        return targets.map(([, target = ""]) => new URL(target, new URL(`../../${name}`, import.meta.url)));
      }),
    );
    for (const link of links.flat()) {
      const { hash } = link;
      link.hash = "";
      await access(link);
      if (hash === "") continue;
      const ids = idsOf(await readFile(link, "utf8"));
      expect({ link: link.href, ids }).toEqual({ link: link.href, ids: expect.arrayContaining([hash.slice(1)]) });
    }
    expect(links.flat().length).toBeGreaterThan(allPages.length);
  });

  it.each(allPages)("has each id once: $name", async ({ name }) => {
    const ids = idsOf(await read(name));
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("are all listed by the index", async () => {
    const index = await read("docs/README.md");
    const guidePages = allPages.map(({ name }) => name).filter((name) => /^docs\/(?!README)/.test(name));
    expect(guidePages.filter((name) => !index.includes(`](${name.replace("docs/", "")})`))).toEqual([]);
  });
});

const adminKey = "the-key-of-the-pages-0123456789";
let server: TestServer;
/** For the page about keys, as others can be read without. */
let guarded: TestServer;

beforeAll(async () => {
  // As the page on webhooks says, whose receivers are on this machine.
  const own = { ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.1/32" };
  [server, guarded] = await Promise.all([startServer(own), startServer({ ARRWDB_ADMIN_KEY: adminKey })]);
});
afterAll(() => Promise.all([server.stop(), guarded.stop()]));

describe.each(guides)("The examples on $name", ({ name, blocks }) => {
  let directory: string;
  let reader: Reader;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    // For the programs that use the client, as if it were installed there.
    await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(directory, "node_modules"));
    const isGuarded = name === "docs/security.md";
    reader = new Reader(directory, (isGuarded ? guarded : server).url, isGuarded ? { ARRWDB_ADMIN_KEY: adminKey } : {});
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.for(blocks.filter(isRunnable))("run as they stand in line $line ($language)", async (block, { skip }) => {
    if (block.language === "python" && noPython !== undefined) skip(noPython);
    const printed = await reader.run(block);
    expect(printed.trim()).toBe((block.output ?? printed).trim());
  });
});
