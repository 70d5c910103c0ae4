import { keepCompiledCode } from "../compile-cache.ts";
import { hideSqliteWarning } from "../util/sqlite-warning.ts";

keepCompiledCode();
hideSqliteWarning();
// What is imported from here on is kept.
const { runCommandLine } = await import("./run-command.ts");
await runCommandLine(process.argv.slice(2));
