import type { DatabaseSync } from "node:sqlite";
import { AuditTable } from "./audit-table.ts";
import { ChunksTable } from "../../engine/rows/chunks-table.ts";
import { DocumentsTable } from "../../engine/rows/documents-table.ts";
import { EventsTable } from "./events-table.ts";
import { KeysTable } from "./keys-table.ts";
import { EmbeddingCacheTable } from "./embedding-cache-table.ts";
import { LibrariesTable } from "../../engine/rows/libraries-table.ts";
import { ReembeddingsTable } from "./reembeddings-table.ts";
import { ReceiptsTable } from "./receipts-table.ts";
import { TextTable } from "../../engine/text/text-table.ts";
import type { RowTables } from "../../engine/changes/row-tables.ts";
import { UploadsTable } from "./uploads-table.ts";
import { DeliveriesTable } from "./deliveries-table.ts";
import { WebhooksTable } from "./webhooks-table.ts";

/** The tables of one database. */
export class Tables implements RowTables {
  readonly libraries: LibrariesTable;
  readonly documents: DocumentsTable;
  readonly chunks: ChunksTable;
  readonly texts: TextTable;
  readonly events: EventsTable;
  readonly embeddings: EmbeddingCacheTable;
  readonly uploads: UploadsTable;
  readonly receipts: ReceiptsTable;
  readonly reembeddings: ReembeddingsTable;
  readonly keys: KeysTable;
  readonly audit: AuditTable;
  readonly webhooks: WebhooksTable;
  readonly deliveries: DeliveriesTable;

  constructor(database: DatabaseSync) {
    this.libraries = new LibrariesTable(database);
    this.documents = new DocumentsTable(database);
    this.chunks = new ChunksTable(database);
    this.texts = new TextTable(database);
    this.events = new EventsTable(database);
    this.embeddings = new EmbeddingCacheTable(database);
    this.uploads = new UploadsTable(database);
    this.receipts = new ReceiptsTable(database);
    this.reembeddings = new ReembeddingsTable(database);
    this.keys = new KeysTable(database);
    this.audit = new AuditTable(database);
    this.webhooks = new WebhooksTable(database);
    this.deliveries = new DeliveriesTable(database);
  }
}
