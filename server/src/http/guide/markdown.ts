import { Marked, type Token } from "marked";
import type { Addresses } from "./guide-addresses.ts";
import { escapeHtml, highlight } from "./highlight.ts";
import { Slugger } from "./slug.ts";

export interface Heading {
  readonly depth: number;
  readonly id: string;
  /** As HTML, without links. */
  readonly html: string;
}

/** The text of a page as HTML. */
export interface Rendered {
  /** Its first heading, without marks. */
  readonly title: string;
  readonly html: string;
  /** Those below the title. */
  readonly headings: readonly Heading[];
}

/** The text alone. */
export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      "tokens" in token && token.tokens !== undefined ? textOf(token.tokens) : "text" in token ? token.text : "",
    )
    .join("");
}

/**
 * Renders a page of the project. Its HTML is not sanitized: these are our own pages.
 *
 * @param file its path in the project
 * @param base the relative path from the page to `/docs/guide/`
 */
export function renderMarkdown(text: string, file: string, base: string, addresses: Addresses): Rendered {
  const slugger = new Slugger();
  const headings: Heading[] = [];
  let title = "";
  const address = (href: string) => addresses.resolve(file, href, base);
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const plain = textOf(tokens);
        const id = slugger.slug(plain);
        if (title === "") title = plain;
        else headings.push({ depth, id, html: html.replaceAll(/<\/?a\b[^>]*>/g, "") });
        const anchor = `<a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a>`;
        return `<h${depth} id="${id}">${html}${depth === 1 ? "" : anchor}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const html = this.parser.parseInline(tokens);
        const target = address(href);
        if (target !== undefined) return `<a href="${escapeHtml(target)}">${html}</a>`;
        return `<span class="source" title="${escapeHtml(href)}, in the project's sources">${html}</span>`;
      },
      image({ href, text: alternative }) {
        return `<img src="${escapeHtml(address(href) ?? href)}" alt="${escapeHtml(alternative)}">`;
      },
      html({ text: html }) {
        return html.replaceAll(/\b(src|srcset)="([^"]+)"/g, (_all, name: string, href: string) => {
          return `${name}="${escapeHtml(address(href) ?? href)}"`;
        });
      },
      code({ text: code, lang }) {
        const language = lang?.split(" ")[0] ?? "";
        const kind = language === "text" ? ' class="output"' : "";
        return `<pre${kind} tabindex="0"><code>${highlight(code, language)}</code></pre>\n`;
      },
    },
    hooks: {
      // So that a wide table can be moved with the keyboard, and moves nothing but itself.
      postprocess: (html) => {
        let tables = 0;
        return html
          .replaceAll(
            "<table>",
            () => `<div class="table" role="region" aria-label="Table ${++tables}" tabindex="0"><table>`,
          )
          .replaceAll("</table>", "</table></div>");
      },
    },
  });
  const html = marked.parse(text, { async: false });
  return { title, html, headings };
}
