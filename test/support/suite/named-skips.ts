import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** As `because` (skipping.ts) writes it. */
const reason = /\(skipped: .+\)/;

/** It skipped itself when it ran, with a reason. */
function isExplained(test: TestCase): boolean {
  const result = test.result();
  return result.state === "skipped" && result.note !== undefined;
}

/** A test that is skipped tells why, in its name or when it skips itself, or the run fails: nobody reads how many there were. */
export class NamedSkips implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // Whoever runs some tests of a file by their names skips the others.
    if (this.#vitest?.config.testNamePattern !== undefined) return;
    const silent = modules.flatMap((module) =>
      [...module.children.allTests("skipped")]
        .filter((test) => !reason.test(test.fullName) && !isExplained(test))
        .map(({ fullName }) => `${module.relativeModuleId} > ${fullName}`),
    );
    if (silent.length === 0) return;
    process.exitCode = 1;
    const remedy = "say what is missing in the name, with test/support/skipping.ts";
    process.stderr.write(`\nSkipped without a reason; ${remedy}:\n${silent.map((name) => `  ${name}\n`).join("")}`);
  }
}
