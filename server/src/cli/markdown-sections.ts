/** One section of a Markdown page: what stands under a heading, up to the next. */
export interface Section {
  /** The page's title and the heading, as a reader would name the place. */
  readonly title: string;
  /** Paragraphs and lists, each a chunk that begins with the heading. */
  readonly texts: readonly string[];
}

/** Paragraphs of fewer characters say little by themselves and join the one before. */
const shortParagraph = 200;

/**
 * Splits a page at its headings, and each section into paragraphs. Code is left out: it is not prose to be found by meaning.
 *
 * @param name of a page that has no heading
 */
export function splitSections(markdown: string, name = ""): readonly Section[] {
  const sections: Section[] = [];
  let page = "";
  let heading = "";
  let lines: string[] = [];
  let inCode = false;
  const finish = () => {
    // The heading says what a paragraph is about, so it goes into each text.
    const texts = paragraphs(lines.join("\n")).map((text) => (heading === "" ? text : `${heading}: ${text}`));
    const title = heading === "" || heading === page ? page || name : `${page} – ${heading}`;
    if (texts.length > 0 && title !== "") sections.push({ title, texts });
    lines = [];
  };
  for (const line of markdown.split("\n")) {
    if (line.trimStart().startsWith("```")) {
      inCode = !inCode;
      continue;
    }
    if (inCode) continue;
    const found = /^#{1,6}\s+(.+)$/.exec(line)?.[1];
    if (found === undefined) {
      lines.push(plain(line));
      continue;
    }
    finish();
    heading = found.replaceAll(/[*`]/g, "");
    if (page === "") page = heading;
  }
  finish();
  return sections;
}

/** The line without what only a renderer reads. */
function plain(line: string): string {
  if (/^\s*\|[\s:|-]+\|\s*$/.test(line)) return "";
  return line
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll(/\*\*|`/g, "")
    .replaceAll(/\s*\|\s*/g, " ");
}

/** What stands between empty lines, short ones together. */
export function paragraphs(text: string): readonly string[] {
  const parts: string[] = [];
  for (const part of text.split(/\n\s*\n/).map((one) => one.trim())) {
    const last = parts.length - 1;
    if (part === "") continue;
    if (last >= 0 && (parts[last]?.length ?? 0) < shortParagraph) parts[last] += `\n\n${part}`;
    else parts.push(part);
  }
  return parts;
}
