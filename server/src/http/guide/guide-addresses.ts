import { posix } from "node:path";

/** Pages of the project that are no part of `docs/` but are linked from there, by the name that they are served under. */
const otherPages: Readonly<Record<string, string>> = {
  readme: "README.md",
  protocol: "PROTOCOL.md",
  architecture: "ARCHITECTURE.md",
  contributing: "CONTRIBUTING.md",
  client: "client/README.md",
  examples: "examples/README.md",
};

/** The page that lists the others, which is served as the guide itself. */
export const indexFile = "docs/README.md";
const imageDirectory = "docs/images";

/** Which files of the project are served, and under which paths, relative to `/docs/guide/`. */
export class Addresses {
  readonly #pages: ReadonlyMap<string, string>;
  readonly #images: ReadonlySet<string>;

  /** @param files that are there, by their paths in the project */
  constructor(files: readonly string[]) {
    const there = new Set(files);
    const guides = files.flatMap((file): (readonly [string, string])[] => {
      const name = /^docs\/([\w-]+)\.md$/.exec(file)?.[1];
      return name === undefined || file === indexFile ? [] : [[file, name]];
    });
    const others = Object.entries(otherPages)
      .filter(([, file]) => there.has(file))
      .map(([name, file]) => [file, name] as const);
    this.#pages = new Map([[indexFile, ""] as const, ...guides, ...others]);
    this.#images = new Set(files.filter((file) => posix.dirname(file) === imageDirectory));
  }

  /** The names of the pages by their files; that of the index is empty. */
  get pages(): ReadonlyMap<string, string> {
    return this.#pages;
  }

  /** The files of images. */
  get images(): readonly string[] {
    return [...this.#images];
  }

  /**
   * The served address of a page's link, or undefined if its target is not served.
   *
   * @param base the relative path from the page to `/docs/guide/`
   */
  resolve(from: string, href: string, base: string): string | undefined {
    if (/^(#|[a-z][a-z\d+.-]*:)/i.test(href)) return href;
    const [path = "", anchor] = href.split("#");
    const file = posix.join(posix.dirname(from), decodeURIComponent(path));
    const fragment = anchor === undefined ? "" : `#${anchor}`;
    if (this.#images.has(file)) return `${base}images/${posix.basename(file)}`;
    const name = this.#pages.get(file);
    if (name === undefined) return undefined;
    return name === "" ? `${base}../guide${fragment}` : `${base}${name}${fragment}`;
  }
}

/** The files of the project that the guide may be made of. */
export const guideDirectories = ["docs", imageDirectory] as const;
export const otherFiles: readonly string[] = Object.values(otherPages);
