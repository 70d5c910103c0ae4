import { randomInt } from "node:crypto";

// Another seed each time, which finds what the planned one does not; with the one that is printed it runs as it did.
process.env["ARRWDB_TEST_SEED"] ??= String(randomInt(2 ** 31));
process.env["ARRWDB_TEST_LONG"] = "yes";
process.stdout.write(`ARRWDB_TEST_SEED=${process.env["ARRWDB_TEST_SEED"]}\n`);

export { default } from "./vitest.config.ts";
