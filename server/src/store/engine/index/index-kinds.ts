import type { IndexKind } from "@arrwdb/protocol/documents/index-settings";
import { flatDefinition } from "./flat/flat-definition.ts";
import { hnswDefinition } from "./hnsw/hnsw-definition.ts";
import type { IndexDefinition } from "./index-definition.ts";
import { ivfDefinition } from "./ivf/ivf-definition.ts";

/** Every kind of index. The compiler checks that it matches the protocol's list of kinds. */
const definitions: { readonly [Kind in IndexKind]: IndexDefinition<Kind> } = {
  flat: flatDefinition,
  hnsw: hnswDefinition,
  ivf: ivfDefinition,
};

export const indexDefinitions: readonly IndexDefinition[] = Object.values(definitions);
