import { matchesGlob } from "node:path";
import { describe, expect, it } from "vitest";
import lint from "../../oxlint.config.ts";
import { chapterOf, parseFlowchart } from "../support/pages/mermaid-graph.ts";
import { importsOf, isThere, readText, sourceFiles } from "../support/pages/source-files.ts";

const page = await readText("ARCHITECTURE.md");
const files = await sourceFiles("protocol/src", "server/src", "client/src", "console/src", "integrations", "examples");
const diagram = parseFlowchart(/^```mermaid\n(?<text>.*?)^```$/ms.exec(page)?.groups?.["text"] ?? "");

/** Chapters that all of server/src may import, so that the diagram shows no arrows to them. */
const shared = new Set(diagram.chapters.filter(({ box }) => box === "shared").map(({ id }) => id));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Every import of one chapter by another. */
const imports = files.flatMap((file): Import[] =>
  importsOf(file).flatMap((target) => {
    const from = chapterOf(file.path, diagram)?.id ?? `no chapter of ${file.path}`;
    const to = chapterOf(target, diagram)?.id ?? `no chapter of ${target}`;
    return from === to ? [] : [{ from, to, text: `${from} --> ${to}: ${file.path} imports ${target}` }];
  }),
);

const hasArrow = ({ from, to }: Pick<Import, "from" | "to">) =>
  diagram.arrows.some((arrow) => arrow.from === from && arrow.to === to);

const isOfServer = (id: string) => diagram.chapters.some((chapter) => chapter.id === id && chapter.box === "server");

describe("The diagram in ARCHITECTURE.md", () => {
  it("has a chapter for every source file", () => {
    expect(diagram.chapters.length).toBeGreaterThan(10);
    expect(files.map(({ path }) => path).filter((path) => chapterOf(path, diagram) === undefined)).toEqual([]);
  });

  it("has an arrow for every import", () => {
    const isShown = (one: Import) => hasArrow(one) || (shared.has(one.to) && isOfServer(one.from));
    expect(imports.filter((one) => !isShown(one)).map(({ text }) => text)).toEqual([]);
  });

  it("has an import for every arrow", () => {
    const isReal = ({ from, to }: Pick<Import, "from" | "to">) =>
      imports.some((one) => one.from === from && one.to === to);
    const unreal = diagram.arrows.filter((arrow) => !isReal(arrow));
    expect(unreal.map(({ from, to }) => `${from} --> ${to}: no file imports it`)).toEqual([]);
  });

  it("has no circle", () => {
    expect(circlesOf(diagram.arrows)).toEqual([]);
  });

  it("has no arrow that the linter forbids", () => {
    const forbidden = diagram.arrows.filter(({ from, to }) => {
      const [source, target] = [from, to].map((id) => diagram.chapters.find((chapter) => chapter.id === id)?.places[0]);
      // Other packages are imported by their names, which the linter's patterns for paths do not mean.
      const isByPath = [source, target].every((place) => place?.startsWith("server/src/"));
      return isByPath && source !== undefined && target !== undefined && isForbidden(source, target);
    });
    expect(forbidden.map(({ from, to }) => `${from} --> ${to}: see oxlint.config.ts`)).toEqual([]);
  });
});

/** What is left of arrows when those are taken away, again and again, that nothing leads to. */
function circlesOf<Step extends Pick<Import, "from" | "to">>(arrows: readonly Step[]): readonly Step[] {
  let left = arrows;
  for (let before = Infinity; left.length < before;) {
    before = left.length;
    const reached = new Set(left.map(({ to }) => to));
    left = left.filter(({ from }) => reached.has(from));
  }
  return left;
}

describe.each(["server/src/core/", "server/src/store/engine/", "server/src/http/"])("The folders of %s", (folder) => {
  it("do not import each other in circles", () => {
    // Files beside the folders put them together, or are what all of them share.
    const folderIn = (path: string) =>
      path.startsWith(folder) ? /^[^/]+(?=\/)/.exec(path.slice(folder.length))?.[0] : undefined;
    const steps = files.flatMap((file) =>
      importsOf(file).flatMap((target) => {
        const [from, to] = [folderIn(file.path), folderIn(target)];
        const isStep = from !== undefined && to !== undefined && from !== to;
        return isStep ? [{ from, to, text: `${file.path} imports ${target}` }] : [];
      }),
    );
    expect(steps.length).toBeGreaterThan(0);
    expect(circlesOf(steps).map(({ text }) => text)).toEqual([]);
  });
});

/** A file that may be in the place. */
const inside = (place: string) => (place.endsWith("/") ? `${place}any.ts` : place.replace("*.ts", "any.ts"));

function isForbidden(source: string, target: string): boolean {
  const groups = (lint.overrides ?? []).flatMap(({ files: applied, rules }) => {
    const rule = rules?.["no-restricted-imports"];
    return applied.some((glob) => matchesGlob(inside(source), glob)) ? patternsOf(rule) : [];
  });
  return groups.some((group) => matchesGlob(inside(target), group));
}

/** The patterns of the rule, which are in `["error", { patterns: [{ group }] }]`. */
function patternsOf(rule: unknown): readonly string[] {
  return [...JSON.stringify(rule ?? null).matchAll(/"(?<glob>\*\*[^"]*)"/g)].flatMap(
    ({ groups }) => groups?.["glob"] ?? [],
  );
}

/** Names in backticks, and what links lead to. */
const codeOf = (text: string) =>
  [...text.matchAll(/`(?<code>[^`\n]+)`/g)].flatMap(({ groups }) => groups?.["code"] ?? []);
const linksOf = (text: string) =>
  [...text.matchAll(/\]\((?<link>[^)#:\s]+)(?:#[^)]*)?\)/g)].flatMap(({ groups }) => groups?.["link"] ?? []);

/** A folder with its last slash, or a file with its extension. */
const isPath = (code: string) => /^[\w.-][\w./-]*(?:\/|\.(?:tsx?|md|json|css|js|svg))$/.test(code);

/** Paths are told from the repository's top, or from server/src. */
const missingPaths = (text: string) =>
  [...codeOf(text).filter(isPath), ...linksOf(text)].filter((path) => !isThere(path) && !isThere(`server/src/${path}`));

describe.each(["ARCHITECTURE.md", "CONTRIBUTING.md"])("%s", (name) => {
  it("names files and folders that are there", async () => {
    expect(missingPaths(await readText(name))).toEqual([]);
  });

  it("names what is in the code", async () => {
    const text = [...files, ...(await sourceFiles("test"))].map((file) => file.text).join("\n");
    const words = new Set(text.match(/\w+/g));
    const types = new Set(
      [...text.matchAll(/\b(?:class|interface|type) (?<name>\w+)/g)].map(({ groups }) => groups?.["name"]),
    );
    const names = codeOf(await readText(name));
    const unknown = (pattern: RegExp, known: ReadonlySet<string | undefined>) =>
      names.filter((code) => pattern.test(code) && !known.has(code));
    expect(unknown(/^[A-Z][a-z]\w+$/, types)).toEqual([]);
    expect(unknown(/^[a-z]+[A-Z]\w*$/, words)).toEqual([]);
    const functions = names.flatMap((code) => /^(?<name>\w+)\(\)$/.exec(code)?.groups?.["name"] ?? []);
    expect(functions.filter((code) => !words.has(code))).toEqual([]);
  });
});

describe("The glossary", () => {
  it("has 25 terms at most, in the order of the alphabet", () => {
    const section = page.split(/^## /m).find((part) => part.startsWith("Glossary")) ?? "";
    const terms = [...section.matchAll(/^\| \*\*(?<term>[^*]+)\*\*/gm)].flatMap(({ groups }) => groups?.["term"] ?? []);
    expect(terms.length).toBeGreaterThan(10);
    expect(terms.length).toBeLessThanOrEqual(25);
    expect(terms).toEqual(terms.toSorted((a, b) => a.localeCompare(b, "en")));
  });
});
