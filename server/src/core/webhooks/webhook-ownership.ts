import type { StoredWebhook, WebhookStore } from "../../store/webhook-store.ts";

/** The keys that own webhooks, as far as their end matters. */
export interface Owners {
  /** Calls back once when the owner loses its permission, at once if it has. Returns a function that unsubscribes. */
  onEnd(owner: string, listener: () => void): () => void;
}

const reason =
  "The key that last created or changed this webhook has expired or was revoked; set the status to active with another key to resume";

/** Stops calling a webhook when the key that created it ends, because its calls leave the server. */
export class Ownership {
  readonly #store: WebhookStore;
  readonly #onFault: (what: string, error: unknown) => void;
  /** By webhook, how to stop waiting for the end of its owner. */
  readonly #waiting = new Map<string, () => void>();
  #owners: Owners | undefined;

  constructor(store: WebhookStore, onFault: (what: string, error: unknown) => void) {
    this.#store = store;
    this.#onFault = onFault;
  }

  begin(owners: Owners): void {
    this.#owners = owners;
  }

  /** A webhook is new, or was changed. */
  watch({ id, libraryId, owner, status }: StoredWebhook): void {
    this.forget(id);
    if (this.#owners === undefined || owner === undefined || owner === null || status !== "active") return;
    const forget = this.#owners.onEnd(owner, () => {
      this.#disable(libraryId, id, owner).catch((error: unknown) =>
        this.#onFault("a webhook could not be disabled after its key ended", error),
      );
    });
    this.#waiting.set(id, forget);
  }

  forget(id: string): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  async #disable(libraryId: string, id: string, owner: string): Promise<void> {
    const webhook = await this.#store.getWebhook(libraryId, id);
    // Somebody else may have taken it over, or stopped it.
    if (webhook.owner !== owner || webhook.status !== "active") return;
    await this.#store.updateWebhook(libraryId, id, { disabled: reason });
  }
}
