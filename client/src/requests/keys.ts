import type { Http } from "./http.ts";
import type { RequestOptions } from "../options.ts";
import type { ApiKey, CreateKey, KeyCreated, KeyRevoked } from "../wire.ts";

/** The API keys of the server. Requires a key with scope `admin`. Each method throws `ArrwClientError`, or the signal's reason. */
export class Keys {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /**
   * Only this response contains the key itself.
   *
   * @example
   * ```ts
   * const { key } = await client.keys.create({ name: "website", scope: "read" });
   * ```
   */
  async create(key: CreateKey, options: RequestOptions = {}): Promise<KeyCreated> {
    return this.#http.json("POST", "/v1/keys", { ...options, body: key });
  }

  /** All keys, without the keys themselves, oldest first. */
  async list(options: RequestOptions = {}): Promise<readonly ApiKey[]> {
    const answer: { readonly keys: readonly ApiKey[] } = await this.#http.json("GET", "/v1/keys", options);
    return answer.keys;
  }

  /** The key is rejected from then on, and its connections are closed. */
  async revoke(id: string, options: RequestOptions = {}): Promise<KeyRevoked> {
    return this.#http.json("DELETE", `/v1/keys/${encodeURIComponent(id)}`, options);
  }
}
