import { exportLine } from "../../documents/export.ts";
import { libraryStatistics, measuredRecall } from "../../statistics.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const statisticsSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "libraryStatistics",
    name: "LibraryStatistics",
    schema: libraryStatistics,
    example: {
      library_id: shown.libraryId,
      seq: 20_001,
      num_documents: 20_000,
      num_chunks: 20_000,
      index: {
        settings: { type: "auto" },
        kind: "hnsw",
        effort: 64,
        measured: { recall: 0.994, effort: 64, queries: 192, chunks: 17_210, at: "2026-11-28T09:10:31.004Z" },
        chunks: 20_000,
        pending: 0,
        rebuilding: false,
        memory_bytes: 45_376_000,
        metadata_memory_bytes: 403_067,
      },
      searches: { total: 480, exact: 331, plans: { walk: 149, scan: 271, read: 60 } },
      recall: {
        mean: 0.998,
        minimum: 0.9,
        samples: 100,
        chunks: 20_000,
        oldest: "2026-11-28T09:12:44.120Z",
        newest: "2026-11-28T09:31:02.507Z",
      },
    },
  }),
  entry({
    wire: "exportLine",
    name: "ExportLine",
    schema: exportLine,
    lines: [
      { library: shown.library },
      { document: { ...shown.documentSummary, chunks: [shown.exportedChunk] } },
      { summary: { documents: 1, chunks: 1, seq: 2 } },
    ],
  }),
  // Parts of the others.
  entry({ name: "MeasuredRecall", schema: measuredRecall }),
];
