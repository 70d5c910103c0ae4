import { accessOperations } from "./access.ts";
import { descriptionOperations } from "./descriptions.ts";
import { documentOperations } from "./documents.ts";
import { eventOperations } from "./events.ts";
import { guideOperations } from "./guide.ts";
import { libraryOperations } from "./libraries.ts";
import { mcpOperations } from "./mcp.ts";
import { type Operation } from "./operation.ts";
import { searchOperations } from "./search.ts";
import { serverOperations } from "./server.ts";
import { webhookOperations } from "./webhooks.ts";

/**
 * Everything that can be asked for over HTTP. Routes are made from this table and from nothing else, and so are the
 * descriptions of the interface.
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
