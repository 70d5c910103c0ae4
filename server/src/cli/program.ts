import { Command } from "@commander-js/extra-typings";
import { styleText } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { addBackup } from "./commands/backup.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExport } from "./commands/export.ts";
import { addImport } from "./commands/import.ts";
import { addIngest } from "./commands/ingest.ts";
import { addKeys } from "./commands/keys.ts";
import { addLibraries } from "./commands/libraries.ts";
import { addMcp } from "./commands/mcp.ts";
import { addRestore } from "./commands/restore.ts";
import { addSearch } from "./commands/search.ts";
import { addServe } from "./commands/serve.ts";
import { addTail } from "./commands/tail.ts";
import { addWatch } from "./commands/watch.ts";
import type { Context } from "./context.ts";
import { exitCodes } from "./terminal/exit.ts";

const codes = Object.values(exitCodes)
  .map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)
  .join("\n");

const after = `
Exit codes:
${codes}

Environment:
  ARRWDB_URL      where the server is; http://localhost:8000 where it is not set
  ARRWDB_API_KEY  the key to use; other users cannot see it, as they can a flag
  NO_COLOR        no colours, whatever its value

Example:
  $ arrwdb serve &
  $ arrwdb libraries create "Help centre"
  $ arrwdb ingest "Help centre" articles.ndjson docs/
  $ arrwdb search "Help centre" "I forgot my password"
`;

/** The whole command line. Faults of usage are thrown as `CommanderError`. */
export function createProgram(context: Context): Command {
  const program = new Command("arrwdb")
    .description("arrwDB, the real-time vector database: stream documents in, search by meaning, watch changes.")
    .version(manifest.version)
    .showHelpAfterError(`"arrwdb --help", or "arrwdb COMMAND --help", tells what can be asked.`)
    .configureHelp({ styleTitle: (title) => styleText("bold", title) })
    .exitOverride()
    .addHelpText("after", after);
  addServe(program);
  program.commandsGroup("Documents:");
  addIngest(program, context);
  addSearch(program, context);
  addWatch(program, context);
  addTail(program, context);
  addMcp(program);
  program.commandsGroup("Libraries:");
  addLibraries(program, context);
  addExport(program, context);
  addImport(program, context);
  program.commandsGroup("Access:");
  addKeys(program, context);
  program.commandsGroup("The data directory:");
  addBackup(program, context);
  addRestore(program, context);
  addDoctor(program, context);
  return program;
}
