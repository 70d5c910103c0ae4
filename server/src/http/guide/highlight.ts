const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");

const strings = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const numbers = String.raw`\b\d[\d_.]*\b`;
const words = (list: string) => String.raw`\b(?:${list.replaceAll(" ", "|")})\b`;

/** Highlighted tokens, by CSS class. The first match wins. */
const grammar = (parts: Readonly<Record<string, string>>): RegExp =>
  new RegExp(
    Object.entries(parts)
      .map(([name, pattern]) => `(?<${name}>${pattern})`)
      .join("|"),
    "gm",
  );

const shell = grammar({
  comment: String.raw`(?<=^|\s)#.*$`,
  string: strings,
  keyword: words("export if then else fi for in do done"),
  name: String.raw`\$\w+|\$\{\w+\}`,
});
const script = grammar({
  comment: String.raw`\/\/.*$|\/\*[\s\S]*?\*\/`,
  string: `${strings}|\`[^\`]*\``,
  keyword: words(
    "import from export const let function return if else for of in while await async new class extends try catch throw true false null undefined",
  ),
  number: numbers,
});
const python = grammar({
  comment: "#.*$",
  string: strings,
  keyword: words(
    "import from as def return if else elif for in while await async with class try except raise yield None True False and or not",
  ),
  number: numbers,
});
const json = grammar({
  name: String.raw`"(?:[^"\\]|\\.)*"(?=\s*:)`,
  string: strings,
  keyword: words("true false null"),
  number: String.raw`-?${numbers}`,
});

const grammars: ReadonlyMap<string, RegExp> = new Map([
  ["bash", shell],
  ["sh", shell],
  ["javascript", script],
  ["ts", script],
  ["python", python],
  ["json", json],
  ["ndjson", json],
]);

/** Code as HTML, in which comments, strings and the like have classes. */
export function highlight(code: string, language: string): string {
  const pattern = grammars.get(language);
  if (pattern === undefined) return escapeHtml(code);
  let html = "";
  let end = 0;
  for (const match of code.matchAll(pattern)) {
    const [name] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${name ?? ""}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
