import { posix } from "node:path";
import { sections, type Setting } from "./setting.ts";
import { settings } from "./settings-table.ts";

/** The pages that have tables of settings, by their paths in the project. */
export const pagesWithSettings = ["README.md", "docs/embeddings.md"] as const;

/**
 * The page with its tables of settings regenerated. They are between `<!-- settings -->` and `<!-- /settings -->`; the
 * first may list the settings to show, `<!-- settings: HOST PORT -->`.
 *
 * @param file its path in the project
 * @throws Error if a name is no setting
 */
export function withSettings(page: string, file: string): string {
  return page.replaceAll(
    /(<!-- settings(?:: ([\w ]+))? -->\n).*?(<!-- \/settings -->)/gs,
    (_all, begin: string, names: string | undefined, end: string) =>
      `${begin}\n${names === undefined ? allTables(file) : tableOf(names.trim().split(/ +/).map(find), file)}\n${end}`,
  );
}

const allTables = (file: string) =>
  sections
    .map(
      (section) =>
        `**${section}**\n\n${tableOf(
          settings.filter((setting) => setting.section === section),
          file,
        )}`,
    )
    .join("\n");

function tableOf(rows: readonly Setting[], file: string): string {
  const lines = rows.map(
    (setting) => `| \`${setting.name}\` | ${shownDefault(setting)} | ${meaning(setting, file)} |\n`,
  );
  return `| Variable | Default | Meaning |\n|---|---|---|\n${lines.join("")}`;
}

function shownDefault(setting: Setting): string {
  if (setting.unset !== undefined) return setting.unset;
  return setting.default === undefined ? "none" : `\`${setting.default}\``;
}

/** Links of descriptions lead from the project's directory; here they lead from the page. */
function meaning({ description, secret }: Setting, file: string): string {
  const linked = description.replaceAll(/\]\(([^)#]+)/g, (_all, target: string) => {
    const path = posix.relative(posix.dirname(file), target);
    return `](${path === posix.basename(file) ? "" : path}`;
  });
  return secret === true ? `${linked}; no flag, as other users can see flags` : linked;
}

function find(name: string): Setting {
  const found = settings.find((setting) => setting.name === name);
  if (found === undefined) throw new Error(`${name} is not a setting`);
  return found;
}
