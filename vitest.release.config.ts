import { defineConfig } from "vitest/config";
import usual from "./vitest.config.ts";

// Packs and installs every package; without the npm registry it fails, where the usual tests skip it.
process.env["ARRWDB_RELEASE_CHECK"] = "yes";

export default defineConfig({
  test: {
    ...usual.test,
    reporters: ["verbose"],
    projects: [
      {
        extends: true,
        test: { name: "packages", include: ["test/integration/*-package{,s}.test.ts"], isolate: false },
      },
    ],
  },
});
