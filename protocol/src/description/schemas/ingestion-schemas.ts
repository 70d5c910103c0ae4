import { errorCode } from "../../errors/failure-fields.ts";
import {
  failure,
  idempotencyKey,
  ingestionQuery,
  ingestionResponse,
  ingestionSummaryLine,
  receipt,
  uploadLine,
} from "../../documents/ingestion.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const ingestionSchemas: readonly SchemaEntry[] = [
  entry({ wire: "idempotencyKey", schema: idempotencyKey }),
  entry({ wire: "ingestionQuery", schema: ingestionQuery }),
  entry({
    wire: "ingestionResponse",
    name: "IngestionResponse",
    schema: ingestionResponse,
    example: { results: [shown.receipt, shown.failedLine], ...shown.ingestionTotals },
  }),
  entry({
    wire: "ingestionSummaryLine",
    name: "IngestionSummaryLine",
    schema: ingestionSummaryLine,
    example: shown.ingestionSummaryLine,
  }),
  // Parts of the others.
  entry({ name: "Receipt", schema: receipt, example: shown.receipt }),
  entry({ name: "FailedLine", schema: failure, example: shown.failedLine }),
  entry({
    name: "UploadLine",
    schema: uploadLine,
    lines: [shown.receipt, shown.failedLine, shown.ingestionSummaryLine],
  }),
  entry({ name: "ErrorCode", schema: errorCode }),
];
