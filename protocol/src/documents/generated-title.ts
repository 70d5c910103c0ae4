import { cut } from "../errors/cut.ts";

const mostCharacters = 80;

/** Of a text without any letter. */
const untitled = "Untitled";

/** A title for a document without one: the first line of its text, up to the last word that fits 80 characters. */
export function generatedTitle(text: string): string {
  const line = firstLine(text);
  if (line === "") return untitled;
  if (line.length <= mostCharacters) return line;
  const beginning = line.slice(0, mostCharacters + 1);
  const space = beginning.search(/\s\S*$/);
  // Some languages have no spaces.
  return space > 0 ? beginning.slice(0, space).trimEnd() : cut(line, mostCharacters, "");
}

/** The first line with anything in it, without spaces around it. Texts may be long, and begin with many blank lines. */
const firstLine = (text: string): string => /\S[^\n\r\u0085\u2028\u2029]*/.exec(text)?.[0].trimEnd() ?? "";
