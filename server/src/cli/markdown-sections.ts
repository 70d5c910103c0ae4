/** One section of a Markdown page: the content under a heading, up to the next. */
export interface Section {
  /** The page's title and the heading, as a reader would name the place. */
  readonly title: string;
  /** Paragraphs and lists, each a chunk that begins with the heading. */
  readonly texts: readonly string[];
}

/** Paragraphs of fewer characters carry little meaning and join the previous one. */
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
  const finish = () => {
    // The heading gives the topic of a paragraph, so it is part of each text.
    const texts = paragraphs(lines.join("\n")).map((text) => (heading === "" ? text : `${heading}: ${text}`));
    const title = heading === "" || heading === page ? page || name : `${page} – ${heading}`;
    if (texts.length > 0 && title !== "") sections.push({ title, texts });
    lines = [];
  };
  const begin = (found: string) => {
    finish();
    heading = plain(found).replaceAll("*", "").trim();
    if (page === "") page = heading;
  };
  for (const line of proseOf(markdown.split(lineEnd))) {
    const found = /^ {0,3}#{1,6}\s+(.+?)(?:\s+#+)?\s*$/.exec(line)?.[1];
    if (found !== undefined) begin(found);
    else if (underline.test(line) && isHeading(lines)) begin(lines.pop() ?? "");
    else lines.push(plain(line));
  }
  finish();
  return sections;
}

const lineEnd = /\r\n|\r|\n/;
/** What makes a heading of the line before. */
const underline = /^ {0,3}(?:={2,}|-{3,})\s*$/;

/** Whether the last line is plain text on its own: no item, quotation, table row, or part of a paragraph. */
function isHeading(lines: readonly string[]): boolean {
  return (lines.at(-2) ?? "").trim() === "" && /^ {0,3}[^\s>*+\-|\d]/.test(lines.at(-1) ?? "");
}

/**
 * The lines outside of code fences. A fence is closed by one of the same kind and at least the same length, or by the
 * end.
 */
function* proseOf(lines: Iterable<string>): Generator<string> {
  let open = "";
  for (const line of lines) {
    const [, fence = "", rest = ""] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open !== "") {
      if (fence.startsWith(open) && rest.trim() === "") open = "";
    } else if (fence !== "" && !(fence.startsWith("`") && rest.includes("`"))) open = fence;
    else yield line;
  }
}

/** The line without markup that only a renderer needs. */
function plain(line: string): string {
  if (/^\s*\|[\s:|-]+\|\s*$/.test(line)) return "";
  return line
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll(/<a id="[^"]*"><\/a>/g, "")
    .replaceAll(/\*\*|`/g, "")
    .replaceAll(/\s*\|\s*/g, " ");
}

/** The paragraphs between blank lines, with short ones merged. */
export function paragraphs(text: string): readonly string[] {
  const parts: string[] = [];
  const normal = text.replaceAll(/\r\n?/g, "\n");
  for (const part of normal.split(/\n\s*\n/).map((one) => one.trim())) {
    const last = parts.length - 1;
    if (part === "") continue;
    if (last >= 0 && (parts[last]?.length ?? 0) < shortParagraph) parts[last] += `\n\n${part}`;
    else parts.push(part);
  }
  return parts;
}
