import type { AuditLog, AuditRange, NewAuditEntry } from "../audit-log.ts";
import type { KeyChange, KeyChangeListener, KeyStore, KeyUse, StoredKey } from "../key-store.ts";
import type { Operations } from "./writing/writer-messages.ts";
import type { ThreadClient } from "../engine/threads/thread-client.ts";

/** Keys and the audit log, through the writing thread. Only one process has the directory open. */
export class EmbeddedKeyStore implements KeyStore, AuditLog {
  readonly #writer: ThreadClient<Operations>;
  readonly #listeners = new Set<KeyChangeListener>();
  readonly isShared = false;
  readonly distrust = undefined;

  constructor(writer: ThreadClient<Operations>) {
    this.#writer = writer;
  }

  async createKey(key: StoredKey): Promise<void> {
    await this.#writer.call("createKey", key);
    this.#notify({ created: key });
  }

  listKeys(): Promise<readonly StoredKey[]> {
    return this.#writer.call("listKeys", undefined);
  }

  async revokeKey(id: string, keepsAdmin: boolean): Promise<void> {
    await this.#writer.call("revokeKey", { id, keepsAdmin });
    this.#notify({ revoked: id });
  }

  async recordKeyUse(uses: readonly KeyUse[]): Promise<void> {
    if (uses.length > 0) await this.#writer.call("recordKeyUse", uses);
  }

  onKeyChange(listener: KeyChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async appendAudit(entry: NewAuditEntry): Promise<void> {
    await this.#writer.call("appendAudit", entry);
  }

  readAudit(range: AuditRange) {
    return this.#writer.call("readAudit", range);
  }

  #notify(change: KeyChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
