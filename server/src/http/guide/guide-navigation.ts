import { Marked, type Token, type Tokens } from "marked";
import { textOf } from "./markdown.ts";

export interface NavigationEntry {
  readonly href: string;
  readonly text: string;
}

export interface Group {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}

const isList = (token: Token): token is Tokens.List => token.type === "list";
const isHeading = (token: Token): token is Tokens.Heading => token.type === "heading";
const isLink = (token: Token): token is Tokens.Link => token.type === "link";

function firstLink(tokens: readonly Token[]): Tokens.Link | undefined {
  for (const token of tokens) {
    if (isLink(token)) return token;
    const inner = "tokens" in token && token.tokens !== undefined ? firstLink(token.tokens) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The order in which pages are read, which is that of the lists of the index: a group for each of its chapters. */
export function readNavigation(index: string): readonly Group[] {
  const groups: { readonly title: string; readonly entries: NavigationEntry[] }[] = [];
  for (const token of new Marked({ gfm: true }).lexer(index)) {
    if (isHeading(token) && token.depth === 2) groups.push({ title: textOf(token.tokens), entries: [] });
    if (!isList(token)) continue;
    for (const { tokens } of token.items) {
      const link = firstLink(tokens);
      if (link !== undefined) groups.at(-1)?.entries.push({ href: link.href, text: textOf(link.tokens) });
    }
  }
  return groups.filter(({ entries }) => entries.length > 0);
}
