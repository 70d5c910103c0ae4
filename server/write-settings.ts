import { readFile, writeFile } from "node:fs/promises";
import { pagesWithSettings, withSettings } from "./src/settings/settings-page.ts";

/** Writes the tables of settings on the pages. */
for (const page of pagesWithSettings) {
  const file = new URL(`../${page}`, import.meta.url);
  await writeFile(file, withSettings(await readFile(file, "utf8"), page));
}
