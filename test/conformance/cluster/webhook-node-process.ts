import { setInterval } from "node:timers";
import { WebhookNode } from "./webhook-node.ts";

/** Milliseconds. */
const tellEvery = 20;

/** A node in a process of its own, which tells its parent how many webhooks it has. */
const [, , url = ""] = process.argv;
const node = await WebhookNode.start(url);
setInterval(() => process.send?.({ held: node.held }), tellEvery);
