import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { withSettings } from "./settings-page.ts";
import { settingsHelp } from "./settings-help.ts";
import { settingsInterface } from "./settings-interface.ts";
import { settings } from "./settings-table.ts";

describe("A page's tables of settings", () => {
  it("show the settings that they name, with links that lead from the page", () => {
    const page = "Before\n<!-- settings: PORT HOST -->\nold\n<!-- /settings -->\nafter";
    const written = withSettings(page, "docs/security.md");
    expect(written).toContain("| `PORT` | `8000` | Port to listen on; `0` picks a free one |\n| `HOST` |");
    expect(written).not.toContain("old");
    expect(written).toMatch(/^Before\n<!-- settings: PORT HOST -->\n[\s\S]*\n<!-- \/settings -->\nafter$/);
    expect(withSettings(page, "README.md")).toContain("[keys](docs/security.md)");
    expect(withSettings(page, "docs/webhooks.md")).toContain("[keys](security.md)");
    expect(withSettings(written, "docs/security.md")).toBe(written);
  });

  it("have all where none is named", () => {
    const written = withSettings("<!-- settings -->\n<!-- /settings -->", "README.md");
    const names = [...written.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(names).toEqual(settings.map(({ name }) => name));
  });

  it("refuse a name of no setting", () => {
    expect(() => withSettings("<!-- settings: PROT -->\n<!-- /settings -->", "README.md")).toThrow(
      "PROT is not a setting",
    );
  });
});

describe("The type of the settings", () => {
  it("is as the settings are now (npm run docs:settings writes it)", async () => {
    expect(await readFile(new URL("start-settings.ts", import.meta.url), "utf8")).toBe(settingsInterface());
  });
});

describe("The help of the settings", () => {
  it("has each with its flag, and no secret's", () => {
    const help = settingsHelp();
    const shown = [...help.matchAll(/^ {2}(?:--(\S+) <[\w]+>)? +([A-Z_]+)$/gm)].map(([, flag, name]) => ({
      flag,
      name,
    }));
    const own = settings.map(({ flag, name }) => ({ flag, name }));
    expect(shown).toEqual(own);
    expect(own.filter(({ flag }) => flag === undefined).map(({ name }) => name)).toEqual([
      "ARRWDB_ADMIN_KEY",
      "COHERE_API_KEY",
      "OPENAI_API_KEY",
    ]);
  });

  it("has no marks of Markdown, and no long lines", () => {
    expect(settingsHelp()).not.toMatch(/`|\]\(/);
    expect(
      Math.max(
        ...settingsHelp()
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
  });
});
