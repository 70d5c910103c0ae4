import { ArrwClientError } from "./errors.ts";
import { Http } from "./http.ts";
import { Keys } from "./keys.ts";
import { Libraries } from "./libraries.ts";
import { LibraryHandle } from "./library.ts";
import { type ClientOptions, type RequestOptions, type Settings, settingsOf } from "./options.ts";
import type { EventStatistics, Grant } from "./wire.ts";

/** One arrwDB server. Each method throws `ArrwClientError`, or the signal's reason. */
export class ArrwClient {
  readonly libraries: Libraries;
  readonly keys: Keys;
  readonly #settings: Settings;
  readonly #http: Http;
  readonly #closed = new AbortController();

  /** @throws TypeError where `url` is none */
  constructor(options: ClientOptions) {
    this.#settings = settingsOf(options);
    this.#http = new Http(this.#settings, this.#closed.signal);
    this.keys = new Keys(this.#http);
    this.libraries = new Libraries(this.#http);
  }

  /** A handle of the library with this id. Whether there is one shows when it is used. */
  library(id: string): LibraryHandle {
    return new LibraryHandle(this.#http, this.#settings, id, this.#closed.signal);
  }

  /** What this client may do. Throws `unauthorized` where its key does not hold, or one is asked for and it has none. */
  async grant(options: RequestOptions = {}): Promise<Grant> {
    return this.#http.json("GET", "/v1/whoami", options);
  }

  /** What the server has told its subscribers since it started. */
  async eventStatistics(options: RequestOptions = {}): Promise<EventStatistics> {
    return this.#http.json("GET", "/v1/events/stats", options);
  }

  /** Whether the process is alive. */
  async health(options: RequestOptions = {}): Promise<{ readonly status: string }> {
    return this.#http.json("GET", "/health", options);
  }

  /** Whether it serves requests. Throws `shutting_down` where it does not any more. */
  async ready(options: RequestOptions = {}): Promise<{ readonly status: string }> {
    return this.#http.json("GET", "/ready", options);
  }

  /** Closes every connection, and refuses what comes after; what iterates ends with the error `closed`. */
  close(): void {
    this.#closed.abort(new ArrwClientError("closed", "The client was closed"));
  }
}
