import { z } from "zod";
import type { Setting } from "./setting.ts";
import { settings, settingsTable } from "./settings-table.ts";

/** The type of the settings that a program gives, as the text of `start-settings.ts`, with their documentation. */
export function settingsInterface(): string {
  const head = [
    "// Written by `npm run docs:settings` from settings-table.ts.",
    "",
    "/** The settings of a server, by the names of their environment variables. */",
    "export interface StartSettings {",
  ];
  return [...head, ...settings.map(memberOf), "}", ""].join("\n");
}

function memberOf(setting: Setting): string {
  const { name, description } = setting;
  const unset = setting.unset ?? (setting.default === undefined ? undefined : `\`${setting.default}\``);
  const note = unset === undefined ? "" : ` (default: ${unset})`;
  const type = isNumber(name) ? "number | string" : "string";
  // A link would lead nowhere from an editor.
  const plain = `${description}${note}`.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return `  /** ${plain.replaceAll("*/", "*\\/")} */\n  readonly ${name}?: ${type} | undefined;`;
}

function isNumber(name: string): boolean {
  const { properties = {} } = z.toJSONSchema(settingsTable, { io: "output", unrepresentable: "any" });
  const schema = properties[name];
  return typeof schema === "object" && schema.type === "integer";
}
