import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{protocol,client,server,console}/src/**/*.test.ts", "bench/**/*.test.ts", "test/**/*.test.ts"],
    // The last resort: what a test waits for has a bound of its own (test/support/waiting.ts), which tells what it was.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What `expect.poll` waits for at most; a busy machine needs more than its second.
    expect: { poll: { timeout: 60_000, interval: 20 } },
    // Each file starts real servers and worker threads: more files at a time than cores only make each other slow.
    maxWorkers: 2,
    pool: "forks",
  },
});
