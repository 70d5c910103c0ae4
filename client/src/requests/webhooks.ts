import type { Http } from "./http.ts";
import type { RequestOptions } from "../options.ts";
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
} from "../wire.ts";

/** The webhooks of one library. Each method throws `ArrwClientError`, or the signal's reason. */
export class Webhooks {
  readonly #http: Http;
  readonly #path: string;

  /** @internal */
  constructor(http: Http, libraryPath: string) {
    this.#http = http;
    this.#path = `${libraryPath}/webhooks`;
  }

  /**
   * The response has the secret that calls are signed with. It cannot be read again.
   *
   * @example
   * ```ts
   * const { secret } = await library.webhooks.create({ url: "https://example.com/hooks", events: ["document.added"] });
   * ```
   */
  async create(webhook: CreateWebhook, options: RequestOptions = {}): Promise<WebhookWithSecret> {
    return this.#http.json("POST", this.#path, { ...options, body: webhook });
  }

  /** All webhooks, in order of creation. */
  async list(options: RequestOptions = {}): Promise<readonly Webhook[]> {
    const answer: WebhookList = await this.#http.json("GET", this.#path, options);
    return answer.webhooks;
  }

  async get(id: string, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("GET", this.#pathOf(id), options);
  }

  /** Updates the given fields; `status` pauses or resumes it. */
  async update(id: string, patch: UpdateWebhook, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("PATCH", this.#pathOf(id), { ...options, body: patch });
  }

  async delete(id: string, options: RequestOptions = {}): Promise<WebhookDeleted> {
    return this.#http.json("DELETE", this.#pathOf(id), options);
  }

  /** Calls it once, and returns the outcome. */
  async ping(id: string, options: RequestOptions = {}): Promise<WebhookDelivery> {
    return this.#http.json("POST", `${this.#pathOf(id)}/ping`, options);
  }

  /** Rotates its secret; the response has the new one. The previous one keeps signing for a day, or for the given time. */
  async rotate(id: string, rotation: RotateWebhook = {}, options: RequestOptions = {}): Promise<WebhookWithSecret> {
    return this.#http.json("POST", `${this.#pathOf(id)}/rotate`, { ...options, body: rotation });
  }

  /** Sets its position, so that the events after it are sent again. */
  async redeliver(id: string, fromSeq: number, options: RequestOptions = {}): Promise<Webhook> {
    return this.#http.json("POST", `${this.#pathOf(id)}/redeliver`, { ...options, body: { from_seq: fromSeq } });
  }

  /** Its last calls, newest first. */
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
