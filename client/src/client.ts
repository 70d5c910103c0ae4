import { ArrwClientError } from "./errors.ts";
import { Http } from "./requests/http.ts";
import { Keys } from "./requests/keys.ts";
import { Libraries } from "./requests/libraries.ts";
import { LibraryHandle } from "./library.ts";
import { type ClientOptions, type RequestOptions, type ClientSettings, settingsOf } from "./options.ts";
import type { EventStatistics, Grant } from "./wire.ts";

/**
 * One arrwDB server. Each method throws `ArrwClientError`, or the signal's reason.
 *
 * @example
 * ```ts
 * const client = new ArrwClient({ url: "http://localhost:8000" });
 * const { id } = await client.libraries.create({ name: "Help centre" });
 * const library = client.library(id);
 * ```
 */
export class ArrwClient {
  readonly libraries: Libraries;
  readonly keys: Keys;
  readonly #settings: ClientSettings;
  readonly #http: Http;
  readonly #closed = new AbortController();

  /** @throws TypeError if `url` is not a valid URL */
  constructor(options: ClientOptions) {
    this.#settings = settingsOf(options);
    this.#http = new Http(this.#settings, this.#closed.signal);
    this.keys = new Keys(this.#http);
    this.libraries = new Libraries(this.#http);
  }

  /** A handle for the library with this id. Does not check whether the library exists. */
  library(id: string): LibraryHandle {
    return new LibraryHandle({ http: this.#http, settings: this.#settings, id, closed: this.#closed.signal });
  }

  /** The permissions of this client. Throws `unauthorized` if its key is invalid, or if the server requires a key and it has none. */
  async grant(options: RequestOptions = {}): Promise<Grant> {
    return this.#http.json("GET", "/v1/whoami", options);
  }

  /** Event statistics since the server started. */
  async eventStatistics(options: RequestOptions = {}): Promise<EventStatistics> {
    return this.#http.json("GET", "/v1/events/stats", options);
  }

  /** Liveness check. */
  async health(options: RequestOptions = {}): Promise<{ readonly status: string }> {
    return this.#http.json("GET", "/health", options);
  }

  /** Readiness check. Throws `shutting_down` if the server is stopping. */
  async ready(options: RequestOptions = {}): Promise<{ readonly status: string }> {
    return this.#http.json("GET", "/ready", options);
  }

  /** Closes every connection and rejects later calls; iterations end with the error `closed`. */
  close(): void {
    this.#closed.abort(new ArrwClientError("closed", "The client was closed"));
  }
}
