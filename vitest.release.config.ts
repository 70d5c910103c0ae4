import { defineConfig } from "vitest/config";
import usual, { packageFiles } from "./vitest.config.ts";

// Packs and installs every package, which needs the npm registry.

export default defineConfig({
  test: {
    ...usual.test,
    reporters: ["verbose"],
    projects: [
      {
        extends: true,
        test: { name: "packages", include: [packageFiles], isolate: false },
      },
    ],
  },
});
