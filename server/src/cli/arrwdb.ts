import { keepCompiledCode } from "../compile-cache.ts";

keepCompiledCode();
// What is imported from here on is kept.
const { runCommandLine } = await import("./run-command.ts");
await runCommandLine(process.argv.slice(2));
