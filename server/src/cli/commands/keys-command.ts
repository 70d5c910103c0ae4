import { parseInstant } from "@arrwdb/protocol/filter/instant";
import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type ApiKey, createKeyRequest, keyScopes } from "@arrwdb/protocol/keys/keys";
import { checked, connect, findLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, wholeNumber } from "../command-options.ts";
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
  const instant = parseInstant(text);
  if (instant !== undefined) return new Date(Number(instant / 1_000_000n)).toISOString();
  throw new InvalidArgumentError(
    "It must be a number of days, such as 90d, or a time in ISO 8601, such as 2030-01-31 (UTC unless it has an offset).",
  );
}

const createExamples = `
The key is printed once, on a line of its own; the server stores only its hash. The first key of a server must have the
scope admin without restrictions; from then on the server requires keys.

Examples:
  $ export ARRWDB_API_KEY=$(arrwdb keys create operator --scope admin)
  $ arrwdb keys create website --scope read --library "Help centre" --expires 90d`;

function addCreate(keys: Command, context: Context): void {
  askingServer(
    keys
      .command("create")
      .description("create a key and print it; it cannot be shown again")
      .argument("<name>", "a name that says what it is for")
      .addOption(new Option("--scope <scope>", "the permissions of the key").choices(keyScopes).makeOptionMandatory())
      .option("--library <library...>", "the libraries that it gives access to, by name or id (default: all)")
      .addOption(
        new Option("--expires <when>", "expiry: a number of days, such as 90d, or a time (default: never)").argParser(
          parseExpiry,
        ),
      )
      .addOption(
        new Option("--requests-per-minute <number>", "the rate limit of the key").argParser(
          wholeNumber(1, 1_000_000_000),
        ),
      ),
  )
    .addHelpText("after", createExamples)
    .action(async (name, { scope, library, expires, requestsPerMinute, url, key, cacert, json }) => {
      const { signal } = context;
      const client = connect({ url, key, cacert });
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
      tell(`Created the key ${created.id} (${plain(created.name)}). Save it now, it is not shown again:`);
      return print(created.key);
    });
}

function addList(keys: Command, context: Context): void {
  askingServer(keys.command("list").description("list the keys, without their secrets"))
    .addHelpText("after", "\nExample:\n  $ arrwdb keys list")
    .action(async (options) => {
      const found = await connect(options).keys.list({ signal: context.signal });
      if (options.json === true) {
        for (const key of found) await printJson(key);
        return;
      }
      if (found.length === 0) return print("There are no keys, and the server requires none.");
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
  askingServer(
    keys
      .command("revoke")
      .description("revoke a key and close its connections")
      .argument("<id>", "the key's id, as printed by keys list"),
  )
    .addHelpText("after", "\nExample:\n  $ arrwdb keys revoke 9f86d081884c7d65")
    .action(async (id, options) => {
      const revoked = await connect(options).keys.revoke(id, { signal: context.signal });
      await (options.json === true ? printJson(revoked) : print(`Revoked the key ${revoked.id}.`));
    });
}
