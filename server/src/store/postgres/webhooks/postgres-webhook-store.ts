import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import pLimit from "p-limit";
import { v7 as uuidv7 } from "uuid";
import { decodeCursor, encodeCursor } from "../../engine/rows/cursor.ts";
import { integer, text } from "../../engine/rows/row-values.ts";
import { checkEventRange } from "../../event-range-check.ts";
import type { Page, PageRequest } from "../../page.ts";
import type { WebhookHolder, WebhookLease } from "../../webhook-lease.ts";
import { changedWebhook, checkWebhookCounts, createdWebhook, webhookNotFound } from "../../webhook-changes.ts";
import type { DeliveryReport, NewWebhook, StoredWebhook, WebhookPatch, WebhookStore } from "../../webhook-store.ts";
import {
  type DatabaseRow,
  only,
  type PostgresDatabase,
  type Session,
  together,
} from "../database/postgres-database.ts";
import { type LoggedLibrary, readLibrary, toLoggedLibrary } from "../log/logged-library.ts";
import { checkLibraryId } from "../log/positions.ts";
import { libraryNotFound } from "../../engine/rows/libraries-table.ts";
import { WebhookHold, type WebhookHoldOptions } from "./webhook-hold.ts";
import { recordOf, toLoggedWebhook, webhookColumns } from "./webhook-rows.ts";
import { deliveryColumn, writeReports } from "./write-reports.ts";

/** Name of the list in its cursors. */
const deliveryList = "deliveries";
/** Libraries whose reports are written at the same time. */
const reportsAtOnce = 4;
/** Any number that no other program is likely to lock. */
const creationLock = 4_120_551_992;

const readOne = {
  name: "webhook",
  text: `SELECT ${webhookColumns} FROM arrwdb.webhooks w WHERE library = $1 AND id = $2`,
};
const lockOne = {
  name: "lock-webhook",
  text: `SELECT ${webhookColumns} FROM arrwdb.webhooks w WHERE library = $1 AND id = $2 FOR UPDATE`,
};
const readOfLibrary = {
  name: "webhooks-of-library",
  text: `SELECT ${webhookColumns} FROM arrwdb.webhooks w WHERE library = $1 ORDER BY number`,
};
const lockCreation = { name: "lock-webhook-creation", text: `SELECT pg_advisory_xact_lock(${creationLock})` };
const countWebhooks = {
  name: "count-webhooks",
  text: `SELECT count(*) AS webhooks, count(*) FILTER (WHERE w.library = $1) AS of_library
    FROM arrwdb.webhooks w JOIN arrwdb.libraries l ON l.library = w.library WHERE l.deleted_at IS NULL`,
};
const insertWebhook = {
  name: "insert-webhook",
  text: "INSERT INTO arrwdb.webhooks (library, id, revision, webhook) VALUES ($1, $2, $3, $4)",
};
const updateWebhook = {
  name: "update-webhook",
  text: "UPDATE arrwdb.webhooks SET revision = $3, webhook = $4 WHERE library = $1 AND id = $2",
};
const deleteWebhook = { name: "delete-webhook", text: "DELETE FROM arrwdb.webhooks WHERE library = $1 AND id = $2" };
const deleteDeliveries = {
  name: "delete-deliveries",
  text: "DELETE FROM arrwdb.webhook_deliveries WHERE library = $1 AND webhook = $2",
};
const readDeliveries = {
  name: "deliveries",
  text: `SELECT number, delivery FROM arrwdb.webhook_deliveries WHERE library = $1 AND webhook = $2 AND number < $3
    ORDER BY number DESC LIMIT $4`,
};

/** Webhooks in PostgreSQL. */
export class PostgresWebhookStore implements WebhookStore {
  readonly #options: Omit<WebhookHoldOptions, "holder">;
  readonly #database: PostgresDatabase;
  readonly #reportTurns = pLimit(reportsAtOnce);
  #hold: WebhookHold | undefined;

  constructor(options: Omit<WebhookHoldOptions, "holder">) {
    this.#options = options;
    this.#database = options.database;
  }

  async createWebhook(libraryId: string, wanted: NewWebhook): Promise<StoredWebhook> {
    checkLibraryId(libraryId);
    const created = await this.#decide(async (session) => {
      const [, library, counts] = await together([
        session.run(lockCreation),
        session.run(readLibrary, [libraryId]),
        session.run(countWebhooks, [libraryId]),
      ]);
      const { seq } = checkedLibrary(libraryId, library, wanted.fromSeq).library;
      const row = only(counts);
      checkWebhookCounts({ ofLibrary: integer(row, "of_library"), all: integer(row, "webhooks") });
      const webhook = createdWebhook(wanted, { id: uuidv7(), libraryId, seq }, new Date());
      await session.run(insertWebhook, [libraryId, webhook.id, webhook.revision, recordOf(webhook)]);
      return webhook;
    });
    this.#options.tell();
    return created;
  }

  async getWebhook(libraryId: string, webhookId: string): Promise<StoredWebhook> {
    checkIds(libraryId, webhookId);
    const [library, found] = await this.#database.session((session) =>
      together([session.run(readLibrary, [libraryId]), session.run(readOne, [libraryId, webhookId])]),
    );
    checkedLibrary(libraryId, library);
    return foundWebhook(webhookId, found);
  }

  async listWebhooks(libraryId: string): Promise<readonly StoredWebhook[]> {
    checkLibraryId(libraryId);
    const [library, found] = await this.#database.session((session) =>
      together([session.run(readLibrary, [libraryId]), session.run(readOfLibrary, [libraryId])]),
    );
    checkedLibrary(libraryId, library);
    return found.map((row) => toLoggedWebhook(row).webhook);
  }

  async hold(holder: WebhookHolder): Promise<WebhookLease> {
    const hold = new WebhookHold({ ...this.#options, holder });
    this.#hold = hold;
    await hold.begin();
    return hold;
  }

  /** Webhooks were changed by some node, or may have been. */
  look(): void {
    void this.#hold?.look();
  }

  /** Holds nothing any more; without a word to others if the lease was not ended before. */
  async close(): Promise<void> {
    await this.#hold?.close();
  }

  async updateWebhook(libraryId: string, webhookId: string, patch: WebhookPatch): Promise<StoredWebhook> {
    checkIds(libraryId, webhookId);
    const changed = await this.#decide(async (session) => {
      const [library, found] = await together([
        session.run(readLibrary, [libraryId]),
        session.run(lockOne, [libraryId, webhookId]),
      ]);
      checkedLibrary(libraryId, library);
      const webhook = foundWebhook(webhookId, found);
      checkedLibrary(libraryId, library, patch.seq);
      const next = changedWebhook(webhook, patch, new Date());
      await session.run(updateWebhook, [libraryId, webhookId, next.revision, recordOf(next)]);
      return next;
    });
    this.#hold?.changed(changed);
    this.#options.tell();
    return changed;
  }

  async deleteWebhook(libraryId: string, webhookId: string): Promise<void> {
    checkIds(libraryId, webhookId);
    await this.#decide(async (session) => {
      const [library, found] = await together([
        session.run(readLibrary, [libraryId]),
        session.run(lockOne, [libraryId, webhookId]),
      ]);
      checkedLibrary(libraryId, library);
      foundWebhook(webhookId, found);
      await together([
        session.run(deleteDeliveries, [libraryId, webhookId]),
        session.run(deleteWebhook, [libraryId, webhookId]),
      ]);
    });
    this.#hold?.deleted(webhookId);
    this.#options.tell();
  }

  async reportDeliveries(reports: readonly DeliveryReport[]): Promise<void> {
    const byLibrary = Map.groupBy(reports, ({ libraryId }) => libraryId);
    await together(
      [...byLibrary].map(([libraryId, own]) => this.#reportTurns(() => writeReports(this.#database, libraryId, own))),
    );
  }

  async listDeliveries(libraryId: string, webhookId: string, page: PageRequest): Promise<Page<WebhookDelivery>> {
    const { limit, cursor } = page;
    checkIds(libraryId, webhookId);
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(deliveryList, cursor);
    const [library, found, rows] = await this.#database.session((session) =>
      together([
        session.run(readLibrary, [libraryId]),
        session.run(readOne, [libraryId, webhookId]),
        session.run(readDeliveries, [libraryId, webhookId, before, limit + 1]),
      ]),
    );
    checkedLibrary(libraryId, library);
    foundWebhook(webhookId, found);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map((row) => deliveryColumn.decode(text(row, "delivery"))),
      nextCursor: last === undefined ? null : encodeCursor(deliveryList, integer(last, "number")),
      seq: 0,
    };
  }

  /** Runs a transaction. A refusal leaves the connection usable. @throws ArrwError */
  async #decide<Value>(decide: (session: Session) => Promise<Value>): Promise<Value> {
    const outcome = await this.#database.session(async (session) => {
      const begun = session.run({ text: "BEGIN" });
      try {
        const [, value] = await together([begun, decide(session)]);
        await session.run({ text: "COMMIT" });
        return { value };
      } catch (error) {
        if (!(error instanceof ArrwError) || error.code.startsWith("storage_")) throw error;
        await session.run({ text: "ROLLBACK" });
        return { error };
      }
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
}

/** @throws ArrwError `library_not_found`, `webhook_not_found` */
function checkIds(libraryId: string, webhookId: string): void {
  checkLibraryId(libraryId);
  if (!isUuid(webhookId)) throw webhookNotFound(webhookId);
}

/** @param fromSeq a position that must be in the library's log. @throws ArrwError */
function checkedLibrary(libraryId: string, [row]: readonly DatabaseRow[], fromSeq?: number): LoggedLibrary {
  if (row === undefined) throw libraryNotFound(libraryId);
  const logged = toLoggedLibrary(row);
  const { seq } = logged.library;
  if (fromSeq !== undefined) checkEventRange(fromSeq, { seq, earliestSeq: logged.earliestSeq });
  return logged;
}

/** @throws ArrwError `webhook_not_found` */
function foundWebhook(webhookId: string, [row]: readonly DatabaseRow[]): StoredWebhook {
  if (row === undefined) throw webhookNotFound(webhookId);
  return toLoggedWebhook(row).webhook;
}
