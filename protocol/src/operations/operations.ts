import { accessOperations } from "./access-operations.ts";
import { descriptionOperations } from "./description-operations.ts";
import { documentOperations } from "./document-operations.ts";
import { eventOperations } from "./event-operations.ts";
import { guideOperations } from "./guide-operations.ts";
import { libraryOperations } from "./library-operations.ts";
import { mcpOperations } from "./mcp-operations.ts";
import { type Operation } from "./operation.ts";
import { searchOperations } from "./search-operations.ts";
import { serverOperations } from "./server-operations.ts";
import { webhookOperations } from "./webhook-operations.ts";

/**
 * All operations over HTTP. Routes are generated from this table only, and so are the descriptions of the interface.
 */
export const operations = {
  ...libraryOperations,
  ...documentOperations,
  ...searchOperations,
  ...eventOperations,
  ...accessOperations,
  ...webhookOperations,
  ...mcpOperations,
  ...serverOperations,
  ...descriptionOperations,
  ...guideOperations,
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
