import { Client } from "pg";
import { connectionSettings } from "../database/connection-settings.ts";
import type { PostgresDatabase } from "../database/postgres-database.ts";

const channel = "arrwdb";
/** PostgreSQL takes less than 8,000 bytes. */
const longestHint = 7_900;
/** Milliseconds before a lost connection is made again. */
const reconnectAfter = 250;

/** In place of a library's id. */
const keysChanged = "keys";
const webhooksChanged = "webhooks";

const notify = { name: "notify", text: `SELECT pg_notify('${channel}', $1)` };

export interface HintsOptions {
  readonly url: string;
  readonly database: PostgresDatabase;
  /** A library has a change at this position, made by any node. */
  readonly onMove: (libraryId: string, seq: number) => void;
  /** Keys were created or revoked by some node. */
  readonly onKeys: () => void;
  /** Webhooks were created, changed, deleted or left to others by some node. */
  readonly onWebhooks: () => void;
  /** Hints may have been lost until now. */
  readonly onGap: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Tells other nodes of commits, and hears of theirs, by `NOTIFY`. It is sent after the commit, and for all commits that wait
 * at once: inside of one it would serialize the commits of all nodes. So a hint can be lost; whoever hears them looks at all
 * positions now and then.
 */
export class Hints {
  readonly #options: HintsOptions;
  readonly #outgoing = new Map<string, number>();
  #listening: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** Resolves when hints are heard. @throws an error of the connection */
  async listen(): Promise<void> {
    const client = new Client(connectionSettings(this.#options.url));
    let isLost = false;
    const lose = (error: unknown) => {
      if (isLost) return;
      isLost = true;
      void endQuietly(client);
      if (this.#listening === client) this.#reconnect(error);
    };
    client.on("error", lose);
    client.on("end", () => lose(new Error("The connection was closed")));
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    await client.connect();
    this.#listening = client;
    await client.query(`LISTEN ${channel}`);
  }

  /** Tells others of a commit, soon. */
  tell(libraryId: string, seq: number): void {
    this.#outgoing.set(libraryId, seq);
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  /** Tells others that keys have changed, soon. */
  tellKeys(): void {
    this.tell(keysChanged, 0);
  }

  /** Tells all nodes that webhooks have changed, soon. */
  tellWebhooks(): void {
    this.tell(webhooksChanged, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#sending;
    const client = this.#listening;
    this.#listening = undefined;
    if (client !== undefined) await endQuietly(client);
  }

  async #send(): Promise<void> {
    await Promise.resolve();
    while (this.#outgoing.size > 0) {
      const lines: string[] = [];
      let length = 0;
      for (const [id, seq] of this.#outgoing) {
        const line = `${id} ${seq}`;
        length += line.length + 1;
        if (length > longestHint) break;
        lines.push(line);
        this.#outgoing.delete(id);
      }
      try {
        await this.#options.database.run(notify, [lines.join("\n")]);
      } catch (error) {
        // Others find out when they look.
        this.#options.onError(error);
      }
    }
  }

  #hear(payload: string): void {
    for (const line of payload.split("\n")) {
      const [id = "", seq] = line.split(" ");
      if (id === keysChanged) this.#options.onKeys();
      else if (id === webhooksChanged) this.#options.onWebhooks();
      else this.#options.onMove(id, Number(seq));
    }
  }

  #reconnect(error: unknown): void {
    this.#listening = undefined;
    if (this.#isClosed) return;
    this.#options.onError(error);
    this.#timer = setTimeout(() => void this.#listenAgain(), reconnectAfter);
  }

  async #listenAgain(): Promise<void> {
    try {
      await this.listen();
      this.#options.onGap();
    } catch (error) {
      this.#reconnect(error);
    }
  }
}

async function endQuietly(client: Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It was lost already.
  }
}
