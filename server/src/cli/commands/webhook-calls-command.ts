import { type Command, Option } from "@commander-js/extra-typings";
import { limits } from "@arrwdb/protocol/limits";
import type { WebhookDelivery } from "arrwdb-client";
import { connect, openLibrary } from "../client-connection.ts";
import type { Context } from "../command-context.ts";
import { askingServer, wholeNumber } from "../command-options.ts";
import { plain, print, printJson, tell } from "../terminal/terminal-output.ts";
import { table } from "../terminal/text-table-output.ts";

const id = "01a2089b-189e-7767-830b-7119c64e1a2e";
const exampleOf = (command: string) => `\nExample:\n  $ arrwdb webhooks ${command.replace("ID", id)}`;

/** What is done with the calls of a webhook: a test call, its history, sending again, a new secret. */
export function addWebhookCalls(webhooks: Command, context: Context): void {
  addPing(webhooks, context);
  addDeliveries(webhooks, context);
  addRedeliver(webhooks, context);
  addRotate(webhooks, context);
}

function addPing(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("ping")
      .description("call a webhook once, and print the outcome")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id"),
  )
    .addHelpText("after", exampleOf('ping "Help centre" ID'))
    .action(async (given, webhook, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const delivery = await library.webhooks.ping(webhook, { signal: context.signal });
      if (!delivery.delivered) context.exitCode = 1;
      return options.json === true ? printJson(delivery) : print(outcomeOf(delivery));
    });
}

const outcomeOf = ({ delivered, status_code, error, duration_ms }: WebhookDelivery): string =>
  delivered
    ? `delivered: status ${status_code} in ${duration_ms.toFixed(0)} ms`
    : `failed: ${plain(error ?? `status ${status_code}`)}`;

function addDeliveries(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("deliveries")
      .description("list the latest calls of a webhook, newest first")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id")
      .addOption(
        new Option("--limit <number>", "how many").argParser(wholeNumber(1, limits.webhookDeliveries)).default(20),
      ),
  )
    .addHelpText("after", exampleOf('deliveries "Help centre" ID --limit 5'))
    .action(async (given, webhook, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const found: WebhookDelivery[] = [];
      for await (const delivery of library.webhooks.deliveries(webhook, { signal: context.signal })) {
        found.push(delivery);
        if (found.length === options.limit) break;
      }
      if (options.json === true) {
        for (const delivery of found) await printJson(delivery);
        return;
      }
      if (found.length === 0) return print("The webhook has not been called yet.");
      return print(table(["TIME", "SEQ", "TYPE", "ATTEMPT", "OUTCOME"], found.map(rowOf)));
    });
}

const rowOf = (delivery: WebhookDelivery) => [
  delivery.attempted_at,
  delivery.seq === null ? "-" : String(delivery.seq),
  delivery.type,
  String(delivery.attempt),
  outcomeOf(delivery),
];

function addRedeliver(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("redeliver")
      .description("send the events after a position again")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id")
      .addOption(
        new Option("--from <position>", "the position after which to start; 0 for all retained events")
          .argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER))
          .makeOptionMandatory(),
      ),
  )
    .addHelpText("after", exampleOf('redeliver "Help centre" ID --from 0'))
    .action(async (given, webhook, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const updated = await library.webhooks.redeliver(webhook, options.from, { signal: context.signal });
      return options.json === true ? printJson(updated) : print(`It continues after position ${updated.seq}.`);
    });
}

function addRotate(webhooks: Command, context: Context): void {
  askingServer(
    webhooks
      .command("rotate")
      .description("replace a webhook's secret and print the new one; the former keeps signing for a day")
      .argument("<library>", "the library's name or id")
      .argument("<id>", "the webhook's id")
      .addOption(
        new Option("--overlap <seconds>", "how long the former secret keeps signing; 0 ends it at once").argParser(
          wholeNumber(0, limits.webhookOverlapSeconds),
        ),
      ),
  )
    .addHelpText("after", exampleOf('rotate "Help centre" ID'))
    .action(async (given, webhook, options) => {
      const library = await openLibrary(connect(options), given, context.signal);
      const rotation = options.overlap === undefined ? {} : { overlap_seconds: options.overlap };
      const rotated = await library.webhooks.rotate(webhook, rotation, { signal: context.signal });
      if (options.json === true) return printJson(rotated);
      tell("Save the new secret now, it is not shown again:");
      return print(rotated.secret);
    });
}
