import { createHash } from "node:crypto";
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Addresses, guideDirectories, indexFile, otherFiles } from "./guide-addresses.ts";
import { layOut, type LinkGroup } from "./guide-layout.ts";
import { renderMarkdown } from "./markdown.ts";
import { type Group, readNavigation } from "./guide-navigation.ts";

/** A file of the guide, as it is sent. */
export interface GuideFile {
  readonly type: string;
  readonly content: Uint8Array;
  /** The same, compressed; undefined if compression does not help. */
  readonly compressed: Uint8Array | undefined;
  readonly etag: string;
}

/** Pages by their names, that of the index being empty, and images by theirs. */
export interface Guide {
  readonly pages: ReadonlyMap<string, GuideFile>;
  readonly images: ReadonlyMap<string, GuideFile>;
}

const compress = promisify(gzip);
const etagOf = (content: Uint8Array) => `"${createHash("sha256").update(content).digest("base64url").slice(0, 27)}"`;

async function filesOf(root: string): Promise<readonly string[]> {
  const listed = await Promise.all(
    guideDirectories.map(async (directory) => {
      const names = await readdir(join(root, directory)).catch(() => []);
      return names.map((name) => `${directory}/${name}`);
    }),
  );
  const others = await Promise.all(
    otherFiles.map(async (file) => {
      const isThere = await access(join(root, file)).then(
        () => true,
        () => false,
      );
      return isThere ? [file] : [];
    }),
  );
  return [...listed, ...others].flat();
}

function linksOf(groups: readonly Group[], file: string, base: string, addresses: Addresses): readonly LinkGroup[] {
  const here = addresses.resolve(indexFile, `../${file}`, base);
  return groups.map(({ title, entries }) => ({
    title,
    links: entries.flatMap(({ href, text }) => {
      const to = addresses.resolve(indexFile, href, base);
      return to === undefined ? [] : [{ href: to, text, isCurrent: to === here }];
    }),
  }));
}

/** Renders all pages of the project in `root`. Takes some hundred milliseconds, so it has a thread of its own. */
export async function buildGuide(root: string): Promise<Guide> {
  const files = await filesOf(root);
  // Whoever leaves the pages out has a server without a guide.
  if (!files.includes(indexFile)) return { pages: new Map(), images: new Map() };
  const addresses = new Addresses(files);
  const groups = readNavigation(await readFile(join(root, indexFile), "utf8"));
  const pages = await Promise.all(
    [...addresses.pages].map(async ([file, name]) => {
      const base = name === "" ? "guide/" : "";
      const rendered = renderMarkdown(await readFile(join(root, file), "utf8"), file, base, addresses);
      const content = Buffer.from(layOut(rendered, linksOf(groups, file, base, addresses), base));
      const compressed = await compress(content);
      return [name, { type: "text/html; charset=utf-8", content, compressed, etag: etagOf(content) }] as const;
    }),
  );
  const images = await Promise.all(
    addresses.images.map(async (file) => {
      const content = await readFile(join(root, file));
      const name = file.slice(file.lastIndexOf("/") + 1);
      return [name, { type: typeOf(name), content, compressed: undefined, etag: etagOf(content) }] as const;
    }),
  );
  return { pages: new Map(pages), images: new Map(images) };
}

const typeOf = (name: string) => (name.endsWith(".svg") ? "image/svg+xml" : "image/png");
