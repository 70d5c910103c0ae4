import { readFile, writeFile } from "node:fs/promises";
import { settingsInterface } from "./src/settings/settings-interface.ts";
import { pagesWithSettings, withSettings } from "./src/settings/settings-page.ts";

/** Writes the tables of settings on the pages, and their type for programs. */
for (const page of pagesWithSettings) {
  const file = new URL(`../${page}`, import.meta.url);
  await writeFile(file, withSettings(await readFile(file, "utf8"), page));
}
await writeFile(new URL("src/settings/start-settings.ts", import.meta.url), settingsInterface());
