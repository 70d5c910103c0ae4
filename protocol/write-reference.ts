import { writeFile } from "node:fs/promises";
import { referencePage } from "./src/description/reference-page.ts";

/** Writes `docs/api.md`. */
await writeFile(new URL("../docs/api.md", import.meta.url), referencePage());
