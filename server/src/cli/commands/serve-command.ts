import type { Command } from "@commander-js/extra-typings";
import { settingsHelp } from "../../settings/settings-help.ts";

/** `arrwdb serve`: the server, as `npm start` starts it. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("start the server; Ctrl-C stops it once requests in progress are done")
    .usage("[settings]")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText("after", `\n${settingsHelp()}`)
    .addHelpText("after", "\nExample:\n  $ arrwdb serve --port 9000 --data-dir /var/lib/arrwdb")
    .action(async (_options, command) => {
      // Only here, as it brings the models along.
      const { serve } = await import("../../serve.ts");
      await serve(command.args);
      // It ends the process itself.
      await new Promise<never>(() => undefined);
    });
}
