import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { aloneFiles } from "./test/support/suite/alone-files.ts";
import { LongFilesFirst } from "./test/support/suite/long-files-first.ts";
import { NamedSkips } from "./test/support/suite/named-skips.ts";

/** They install runtimes and packages, hundreds of megabytes: `npm run release:check` runs them. */
export const packageFiles = "test/integration/*-package{,s}.test.ts";

const include = ["{protocol,client,server,console}/src/**/*.test.ts", "bench/**/*.test.ts", "test/**/*.test.ts"];

export default defineConfig({
  test: {
    // The last resort: what a test waits for has a bound of its own (test/support/waiting.ts), which tells what it was.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file starts real servers and worker threads: more files at a time than cores only make each other slow.
    maxWorkers: 2,
    pool: "forks",
    // What threads and processes compile is there for the next of them.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url)) },
    setupFiles: ["test/support/suite/fast-check-setup.ts", "test/support/suite/leftovers.ts"],
    sequence: { sequencer: LongFilesFirst },
    reporters: ["default", new NamedSkips()],
    projects: [
      {
        extends: true,
        test: { name: "shared", include, exclude: [...aloneFiles, packageFiles, "**/node_modules/**"], isolate: false },
      },
      { extends: true, test: { name: "alone", include: [...aloneFiles] } },
    ],
  },
});
