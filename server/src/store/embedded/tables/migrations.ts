import type { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Each step upgrades the schema by one version; released steps never change. */
const migrations = [
  `
  CREATE TABLE libraries (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    embedding_model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    num_documents INTEGER NOT NULL DEFAULT 0,
    num_chunks INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT,
    document_type TEXT,
    source_url TEXT,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    num_chunks INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    seq INTEGER NOT NULL,
    upload_id TEXT,
    UNIQUE (library, id)
  ) STRICT;
  CREATE INDEX documents_in_order ON documents (library, key);

  -- A chunk's key is its key in the vector index too, so it is never used again.
  CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL,
    document INTEGER NOT NULL,
    id TEXT NOT NULL,
    chunk_index INTEGER NOT NULL,
    page_number INTEGER,
    metadata TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX chunks_of_document ON chunks (document, chunk_index);
  CREATE INDEX chunks_of_library ON chunks (library, key);

  -- Apart from the chunks, so that reading texts does not read vectors.
  CREATE TABLE vectors (chunk INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;

  CREATE TABLE events (
    library INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (library, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ledger (
    key INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (model, hash)
  ) STRICT;

  CREATE TABLE snapshots (
    library INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    format TEXT NOT NULL,
    keys BLOB NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE libraries ADD COLUMN event_max_age INTEGER DEFAULT 604800;
  ALTER TABLE libraries ADD COLUMN event_max_count INTEGER;
  ALTER TABLE libraries ADD COLUMN search_performed INTEGER NOT NULL DEFAULT 0;

  -- Uploads that can be sent again. One that has expired loses its name before it is removed.
  CREATE TABLE uploads (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL,
    idempotency_key TEXT,
    used_at INTEGER NOT NULL,
    UNIQUE (library, idempotency_key)
  ) STRICT;
  CREATE INDEX uploads_by_use ON uploads (used_at);

  CREATE TABLE receipts (
    upload INTEGER NOT NULL,
    line INTEGER NOT NULL,
    hash BLOB NOT NULL,
    document_id TEXT NOT NULL,
    title TEXT NOT NULL,
    num_chunks INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (upload, line)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipts_by_document ON receipts (upload, document_id);
  `,
  `
  ALTER TABLE libraries ADD COLUMN index_settings TEXT NOT NULL DEFAULT '{"type":"auto"}';

  -- Saved graphs are known beside their files from here on.
  DROP TABLE snapshots;

  -- Counts the transactions that changed libraries, so that another connection knows which of them it sees.
  CREATE TABLE clock (key INTEGER PRIMARY KEY, commits INTEGER NOT NULL) STRICT;
  INSERT INTO clock (key, commits) VALUES (1, 0);
  `,
  `
  ALTER TABLE libraries ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

  -- Tokens are as postings.ts makes them: all that is asked of a term stands in them, so neither texts nor places are kept.
  CREATE VIRTUAL TABLE postings USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '.'"
  );
  CREATE VIRTUAL TABLE posting_terms USING fts5vocab (postings, instance);
  CREATE TABLE text_lengths (
    library INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    terms INTEGER NOT NULL,
    PRIMARY KEY (library, chunk)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE text_totals (library INTEGER PRIMARY KEY, chunks INTEGER NOT NULL, terms INTEGER NOT NULL) STRICT;

  -- Chunks from before this step have no postings yet: those after the one key, up to the other.
  CREATE TABLE text_backfill (after INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
  INSERT INTO text_backfill SELECT 0, max(key) FROM chunks HAVING max(key) IS NOT NULL;
  `,
  `
  CREATE TABLE api_keys (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    libraries TEXT,
    limits TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    last_used_at TEXT
  ) STRICT;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp TEXT NOT NULL,
    key_id TEXT,
    key_name TEXT NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT,
    request_id TEXT NOT NULL,
    address TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE webhooks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    seq INTEGER NOT NULL,
    course INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    failure TEXT,
    last_success_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX webhooks_of_library ON webhooks (library, key);

  CREATE TABLE webhook_deliveries (
    webhook INTEGER NOT NULL,
    number INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (webhook, number)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Segments are merged a few pages at a time (text-table.ts); FTS5 does so by itself only if there are very many.
  INSERT INTO postings (postings, rank) VALUES ('automerge', 0);
  INSERT INTO postings (postings, rank) VALUES ('crisismerge', 64);

  -- How many chunks have a token.
  CREATE VIRTUAL TABLE posting_counts USING fts5vocab (postings, row);
  `,
  `
  -- Words of chunks from before this step were split at characters that nobody sees: those after the one key, up to the other.
  CREATE TABLE text_renewal (after INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
  INSERT INTO text_renewal SELECT 0, max(key) FROM chunks HAVING max(key) IS NOT NULL;
  `,
  `
  -- The documents of a library in the order of their last writes, for filters of documents (document-index.ts).
  CREATE INDEX documents_by_write ON documents (library, seq, num_chunks);
  `,
  `
  -- Chunks are found by their ids too, to search for similar ones.
  CREATE INDEX chunks_by_id ON chunks (id);
  `,
  `
  ALTER TABLE documents ADD COLUMN title_generated INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE receipts ADD COLUMN title_generated INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Libraries are found by name too.
  CREATE INDEX libraries_by_name ON libraries (name) WHERE deleted = 0;
  `,
  `
  -- Milliseconds since 1970.
  ALTER TABLE documents ADD COLUMN expires_at INTEGER;
  CREATE INDEX documents_by_expiry ON documents (library, expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  -- A library that was re-embedded an odd number of times (space) has its vectors here; while it is re-embedded, the table
  -- of its current space answers and the other one is filled.
  CREATE TABLE odd_vectors (chunk INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
  ALTER TABLE libraries ADD COLUMN space INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE libraries ADD COLUMN next_model TEXT;
  ALTER TABLE libraries ADD COLUMN next_dimension INTEGER;
  ALTER TABLE libraries ADD COLUMN next_after INTEGER;

  -- The latest re-embedding of each library. Vectors that are of no use any more, of chunks after a key, have yet to be removed.
  CREATE TABLE reembeddings (
    library INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    embedding_model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    chunks_done INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    seq INTEGER,
    error_code TEXT,
    error TEXT,
    clear_after INTEGER
  ) STRICT;
  `,
] as const;

/** Schema version of this arrwDB; it reads this and all earlier ones. */
export const schemaVersion = migrations.length;

/** Upgrades the schema in one transaction. @throws ArrwError `storage_failed` if a newer arrwDB wrote it */
export function migrate(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > migrations.length) {
    const newest = migrations.length;
    const message = `The data was written by a newer arrwDB (schema ${version}, this one reads up to ${newest}); upgrade arrwDB`;
    throw new ArrwError("storage_failed", message);
  }
  for (const step of migrations.slice(version)) database.exec(step);
  // Nothing is written if nothing has changed, so that data can be read from a full disk.
  if (version < migrations.length) database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec("COMMIT");
}
