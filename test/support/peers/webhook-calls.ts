import {
  webhook,
  type Webhook,
  webhookDeliveryList,
  webhookWithSecret,
  type WebhookDelivery,
} from "@arrwdb/protocol/events/webhooks";
import { post } from "../server/test-server.ts";
import { line, resultsOf, uploadTo, uploadUrl } from "./upload.ts";
import { eventually } from "../waiting.ts";

/** The webhooks of one library, as a client sees them. */
export class LibraryWebhooks {
  readonly #server: string;
  readonly id: string;

  constructor(server: string, id: string) {
    this.#server = server;
    this.id = id;
  }

  get path(): string {
    return `${this.#server}/v1/libraries/${this.id}/webhooks`;
  }

  async create(url: string, request: Readonly<Record<string, unknown>> = {}) {
    const response = await post(this.path, { url, ...request });
    if (response.status !== 201) throw new Error(`No webhook: ${response.status} ${await response.text()}`);
    return webhookWithSecret.strict().parse(await response.json());
  }

  async get(id: string): Promise<Webhook> {
    return webhook.strict().parse(await (await fetch(`${this.path}/${id}`)).json());
  }

  /** The webhook, when it is as it should be. */
  async until(id: string, isSo: (found: Webhook) => boolean): Promise<Webhook> {
    let found = await this.get(id);
    const look = async () => isSo((found = await this.get(id)));
    await eventually(look, { describe: () => `webhook ${id} to be another than ${JSON.stringify(found)}` });
    return found;
  }

  async patch(id: string, body: Readonly<Record<string, unknown>>): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(`${this.path}/${id}`, { method: "PATCH", headers, body: JSON.stringify(body) });
  }

  async deliveries(id: string): Promise<readonly WebhookDelivery[]> {
    const answer: unknown = await (await fetch(`${this.path}/${id}/deliveries?limit=1000`)).json();
    return webhookDeliveryList.strict().parse(answer).deliveries;
  }

  /** Adds so many documents, each of which is one event. */
  async write(count: number, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const lines = Array.from({ length: count }, () => line(changes));
    const { failed } = await resultsOf(uploadTo(uploadUrl(this.#server, this.id), lines.join("\n")));
    if (failed > 0) throw new Error(`${failed} documents were refused`);
  }
}
