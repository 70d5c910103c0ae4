import { type Command, Option } from "@commander-js/extra-typings";
import { eventsQuery } from "@arrwdb/protocol/events/events";
import { createWebhookRequest, patchWebhookRequest } from "@arrwdb/protocol/events/webhooks";
import type { Webhook } from "arrwdb-client";
import { checked, connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, filterOption, wholeNumber } from "../command-options.ts";
import { plain, print, printJson, tell } from "../terminal/terminal-output.ts";
import { table } from "../terminal/text-table-output.ts";
import { addWebhookCalls } from "./webhook-calls-command.ts";

/** `arrwdb webhooks`: URLs that receive a library's events. */
export function addWebhooks(program: Command, context: Context): void {
  const webhooks = program.command("webhooks").description("manage URLs that receive the events of a library");
  addList(webhooks, context);
  addCreate(webhooks, context);
  addUpdate(webhooks, context);
  addDelete(webhooks, context);
  addWebhookCalls(webhooks, context);
}

function addList(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("list")
      .description("list the webhooks of a library, oldest first")
      .argument("<library>", "the library's name or id"),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb webhooks list "Help centre"`)
    .action(async (given, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const found = await library.webhooks.list({ signal: context.signal });
      if (options.json === true) {
        for (const webhook of found) await printJson(webhook);
        return;
      }
      if (found.length === 0) return print("The library has no webhooks.");
      return print(table(["ID", "URL", "STATUS", "SEQ", "LAST SUCCESS"], found.map(rowOf)));
    });
}

const rowOf = ({ id, url, status, failure, seq, last_success_at }: Webhook) => [
  id,
  plain(url),
  failure === null ? status : `${status}, failing`,
  String(seq),
  last_success_at ?? "never",
];

const eventsOption = () => new Option("--events <types>", "only these event types, comma-separated (default: all)");

function addCreate(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("create")
      .description("create a webhook and print the secret that its calls are signed with; it cannot be shown again")
      .argument("<library>", "the library's name or id")
      .argument("<address>", "the URL to call")
      .option("--description <text>", "a description")
      .addOption(eventsOption())
      .addOption(filterOption())
      .addOption(
        new Option("--from <position>", "start after this position; 0 for all retained events").argParser(
          wholeNumber(0, Number.MAX_SAFE_INTEGER),
        ),
      ),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb webhooks create "Help centre" https://example.com/hooks`)
    .action(async (given, address, { description, events, filter, from, json, ...connection }) => {
      const request = checked(createWebhookRequest, {
        url: address,
        description,
        events: checked(eventsQuery.shape.events, events),
        metadata_filter: filter,
        from_seq: from,
      });
      const library = await openLibrary(connect(connection), given, context.signal);
      const created = await library.webhooks.create(request, { signal: context.signal });
      if (json === true) return printJson(created);
      tell(`Created the webhook ${created.id}. Save its secret now, it is not shown again:`);
      return print(created.secret);
    });
}

function addUpdate(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("update")
      .description("change, pause or resume a webhook")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id")
      .option("--address <url>", "the URL to call")
      .option("--description <text>", "a description")
      .addOption(eventsOption())
      .addOption(filterOption())
      .addOption(new Option("--pause", "stop calling it").conflicts("resume"))
      .option("--resume", "call it again, from where it stopped"),
  )
    .addHelpText(
      "after",
      `\nExample:\n  $ arrwdb webhooks update "Help centre" 01a2089b-189e-7767-830b-7119c64e1a2e --pause`,
    )
    .action(async (given, id, { address, description, events, filter, pause, resume, json, ...connection }) => {
      const status = pause === true ? "paused" : resume === true ? "active" : undefined;
      const fields = {
        url: address,
        description,
        events: checked(eventsQuery.shape.events, events),
        metadata_filter: filter,
        status,
      };
      const patched = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      const patch = checked(patchWebhookRequest, patched);
      const library = await openLibrary(connect(connection), given, context.signal);
      const updated = await library.webhooks.update(id, patch, { signal: context.signal });
      return json === true ? printJson(updated) : print(`The webhook ${updated.id} is ${updated.status}.`);
    });
}

function addDelete(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("delete")
      .description("delete a webhook")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id"),
  )
    .addHelpText("after", `\nExample:\n  $ arrwdb webhooks delete "Help centre" 01a2089b-189e-7767-830b-7119c64e1a2e`)
    .action(async (given, id, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const deleted = await library.webhooks.delete(id, { signal: context.signal });
      return options.json === true ? printJson(deleted) : print(`Deleted the webhook ${deleted.id}.`);
    });
}
