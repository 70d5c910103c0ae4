import type { Http } from "./http.ts";
import type { RequestOptions } from "./options.ts";
import { allItems } from "./pages.ts";
import type {
  CreateWebhook,
  RotateWebhook,
  UpdateWebhook,
  Webhook,
  WebhookDeleted,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookList,
  WebhookWithSecret,
} from "./wire.ts";

/** The webhooks of one library. Each method throws `ArrwClientError`, or the signal's reason. */
export class Webhooks {
  readonly #http: Http;
  readonly #path: string;

  /** @internal */
  constructor(http: Http, libraryPath: string) {
    this.#http = http;
    this.#path = `${libraryPath}/webhooks`;
  }

  /** The answer has the secret that calls are signed with. It cannot be read again. */
  async create(webhook: CreateWebhook, options: RequestOptions = {}): Promise<WebhookWithSecret> {
    return this.#http.json("POST", this.#path, { ...options, body: webhook });
  }

  /** All of them, in the order in which they were made. */
  async list(options: RequestOptions = {}): Promise<readonly Webhook[]> {
    const answer: WebhookList = await this.#http.json("GET", this.#path, options);
    return answer.webhooks;
  }

  async get(id: string, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("GET", this.#pathOf(id), options);
  }

  /** Changes what is given; `status` pauses it, or lets it go on. */
  async update(id: string, patch: UpdateWebhook, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("PATCH", this.#pathOf(id), { ...options, body: patch });
  }

  async delete(id: string, options: RequestOptions = {}): Promise<WebhookDeleted> {
    return this.#http.json("DELETE", this.#pathOf(id), options);
  }

  /** Calls it once, and tells how that went. */
  async ping(id: string, options: RequestOptions = {}): Promise<WebhookDelivery> {
    return this.#http.json("POST", `${this.#pathOf(id)}/ping`, options);
  }

  /** Gives it a new secret, which is in the answer; the one before signs for a day more, or as long as is given. */
  async rotate(id: string, rotation: RotateWebhook = {}, options: RequestOptions = {}): Promise<WebhookWithSecret> {
    return this.#http.json("POST", `${this.#pathOf(id)}/rotate`, { ...options, body: rotation });
  }

  /** Lets it go on after this position, so that what comes behind it is told again. */
  async redeliver(id: string, fromSeq: number, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("POST", `${this.#pathOf(id)}/redeliver`, { ...options, body: { from_seq: fromSeq } });
  }

  /** Its last calls, the newest first. */
  deliveries(id: string, options: RequestOptions = {}): AsyncGenerator<WebhookDelivery> {
    return allItems(async (cursor) => {
      const query = { cursor, limit: 100 };
      const page: WebhookDeliveryList = await this.#http.json("GET", `${this.#pathOf(id)}/deliveries`, {
        ...options,
        query,
      });
      return { items: page.deliveries, next: page.next_cursor };
    });
  }

  #pathOf(id: string): string {
    return `${this.#path}/${encodeURIComponent(id)}`;
  }
}
