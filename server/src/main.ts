import { keepCompiledCode } from "./compile-cache.ts";
import { hideSqliteWarning } from "./util/sqlite-warning.ts";

keepCompiledCode();
hideSqliteWarning();
// What is imported from here on is kept.
const { serve } = await import("./serve.ts");
await serve(process.argv.slice(2));
