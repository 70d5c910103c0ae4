import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type ApiKey, createKeyRequest, keyScopes } from "@arrwdb/protocol/keys";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { jsonOption, keyOption, urlOption, wholeNumber } from "../command-options.ts";
import { plain, print, printJson, tell } from "../terminal/terminal-output.ts";
import { table } from "../terminal/text-table-output.ts";

/** `arrwdb keys`: create, list, revoke. */
export function addKeys(program: Command, context: Context): void {
  const keys = program.command("keys").description("create, list and revoke API keys");
  addCreate(keys, context);
  addList(keys, context);
  addRevoke(keys, context);
}

const day = 24 * 60 * 60 * 1_000;

/** `30d`, or a time. @throws InvalidArgumentError */
function parseExpiry(text: string): string {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined) return new Date(Date.now() + Number(days) * day).toISOString();
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError("It has to be a number of days, such as 90d, or a time, such as 2030-01-31.");
}

const createExamples = `
The key is printed once, and by itself; the server keeps no more than its hash. The first key of a server has to be one of
scope admin without bounds, and from then on the server asks for keys.

Examples:
  $ export ARRWDB_API_KEY=$(arrwdb keys create operator --scope admin)
  $ arrwdb keys create website --scope read --library "Help centre" --expires 90d`;

function addCreate(keys: Command, context: Context): void {
  keys
    .command("create")
    .description("make a key, and print it; nobody can read it again")
    .argument("<name>", "what it is for")
    .addOption(new Option("--scope <scope>", "what it allows").choices(keyScopes).makeOptionMandatory())
    .option("--library <library...>", "the libraries that it is for, by their names or ids; all where none is given")
    .addOption(new Option("--expires <when>", "a number of days, such as 90d, or a time").argParser(parseExpiry))
    .addOption(new Option("--requests-per-minute <number>", "of this key").argParser(wholeNumber(1, 1_000_000_000)))
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .addHelpText("after", createExamples)
    .action(async (name, { scope, library, expires, requestsPerMinute, url, key, json }) => {
      const { signal } = context;
      const client = connect({ url, key });
      const ids: string[] = [];
      for (const given of library ?? []) ids.push((await findLibrary(client, given, signal)).id);
      const request = {
        name,
        scope,
        libraries: library === undefined ? null : ids,
        expires_at: expires ?? null,
        limits: requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute },
      };
      const created = await client.keys.create(checked(createKeyRequest, request), { signal });
      if (json === true) return printJson(created);
      tell(`The key ${created.id} (${plain(created.name)}) is made. Keep it now, it is not shown again:`);
      return print(created.key);
    });
}

function addList(keys: Command, context: Context): void {
  keys
    .command("list")
    .description("tell which keys there are, without the keys themselves")
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  $ arrwdb keys list")
    .action(async (options) => {
      const found = await connect(options).keys.list({ signal: context.signal });
      if (options.json === true) {
        for (const key of found) await printJson(key);
        return;
      }
      if (found.length === 0) return print("There is no key, and the server asks for none.");
      return print(table(["ID", "NAME", "SCOPE", "LIBRARIES", "EXPIRES", "LAST USED"], found.map(rowOf)));
    });
}

const rowOf = ({ id, name, scope, libraries, expires_at, last_used_at }: ApiKey) => [
  id,
  plain(name),
  scope,
  libraries === null ? "all" : String(libraries.length),
  expires_at ?? "never",
  last_used_at ?? "never",
];

function addRevoke(keys: Command, context: Context): void {
  keys
    .command("revoke")
    .description("refuse a key from now on, and close its connections")
    .argument("<id>", "the key's id, as keys list tells it")
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  $ arrwdb keys revoke 9f86d081884c7d65")
    .action(async (id, options) => {
      const revoked = await connect(options).keys.revoke(id, { signal: context.signal });
      await (options.json === true ? printJson(revoked) : print(`The key ${revoked.id} is refused from now on.`));
    });
}
