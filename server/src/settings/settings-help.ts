import { sections, type Setting } from "./setting.ts";
import { settings } from "./settings-table.ts";

/** Maximum of columns of a description, after its indent. */
const width = 92;

/** The settings as `--help` shows them. */
export function settingsHelp(): string {
  const parts = sections.map((section) => {
    const entries = settings.filter((setting) => setting.section === section).map(entryOf);
    return `${section}:\n${entries.join("\n")}`;
  });
  return `Settings. Flags take precedence over environment variables.\n\n${parts.join("\n\n")}\n`;
}

function entryOf(setting: Setting): string {
  const { name, flag, placeholder, description, secret } = setting;
  const left = flag === undefined ? "" : `--${flag} <${placeholder}>`;
  const unset = setting.unset ?? setting.default;
  const notes = [
    ...(secret === true ? ["no flag, as other users can see flags"] : []),
    ...(unset === undefined ? [] : [`default: ${unset}`]),
  ];
  const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  const lines = wrap(plainText(`${description}${note}`)).map((line) => `      ${line}`);
  return [`  ${left.padEnd(44)}${name}`, ...lines].join("\n");
}

/** Without the marks of Markdown. */
const plainText = (markdown: string) => markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
