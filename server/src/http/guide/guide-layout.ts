import { escapeHtml } from "./highlight.ts";
import type { Heading, Rendered } from "./markdown.ts";

/** One page among the others. */
export interface Link {
  readonly href: string;
  readonly text: string;
  readonly isCurrent: boolean;
}

export interface LinkGroup {
  readonly title: string;
  readonly links: readonly Link[];
}

const linkOf = ({ href, text, isCurrent }: Link) =>
  `<li><a href="${escapeHtml(href)}"${isCurrent ? ' aria-current="page"' : ""}>${escapeHtml(text)}</a></li>`;

function pages(groups: readonly LinkGroup[], label: string): string {
  const lists = groups.map(({ title, links }) => `<p>${escapeHtml(title)}</p><ul>${links.map(linkOf).join("")}</ul>`);
  return `<nav aria-label="${label}">${lists.join("")}</nav>`;
}

function contents(headings: readonly Heading[], label: string): string {
  const items = headings
    .filter(({ depth }) => depth === 2 || depth === 3)
    .map(({ depth, id, html }) => `<li class="depth-${depth}"><a href="#${id}">${html}</a></li>`);
  return `<nav aria-label="${label}"><p>On this page</p><ul>${items.join("")}</ul></nav>`;
}

const neighbour = (rel: string, label: string, to: Link | undefined) =>
  to === undefined
    ? ""
    : `<a rel="${rel}" href="${escapeHtml(to.href)}"><small>${label}</small> ${escapeHtml(to.text)}</a>`;

function neighbours(groups: readonly LinkGroup[]): string {
  const links = groups.flatMap((group) => group.links);
  const here = links.findIndex(({ isCurrent }) => isCurrent);
  const before = here > 0 ? links[here - 1] : undefined;
  const after = links[here + 1];
  const both = neighbour("prev", "Before this", before) + neighbour("next", "Next", after);
  return both === "" ? "" : `<nav class="neighbours" aria-label="Before and after">${both}</nav>`;
}

/**
 * A whole page. It has no script: menus are `details`, which wide windows show as columns instead.
 *
 * @param base the relative path from the page to `/docs/guide/`
 */
export function layOut({ title, html, headings }: Rendered, groups: readonly LinkGroup[], base: string): string {
  const hasContents = headings.some(({ depth }) => depth === 2);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} – arrwDB</title>
<link rel="icon" href="${base}../assets/favicon-32x32.png" type="image/png">
<link rel="stylesheet" href="${base}../assets/guide.css">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a href="${base}../guide"><strong>arrwDB</strong> guide</a>
<nav aria-label="This server"><a href="${base}../../">Console</a> <a href="${base}../../docs">Try the API</a></nav>
</header>
<div class="narrow">
<details><summary>Pages</summary>${pages(groups, "Pages, in short")}</details>
${hasContents ? `<details class="on-page"><summary>On this page</summary>${contents(headings, "On this page, in short")}</details>` : ""}
</div>
<div class="columns">
<div class="pages">${pages(groups, "Pages")}</div>
<main id="content" tabindex="-1">
${html}
${neighbours(groups)}
</main>
<div class="contents">${hasContents ? contents(headings, "On this page") : ""}</div>
</div>
</body>
</html>
`;
}
