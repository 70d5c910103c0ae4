import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { Folded } from "../../engine/rows/write-ahead-log.ts";

/** The response to each `fold`. */
export type FoldReply = Folded | { readonly error: string };

/** Its start parameter is the data directory. */
export const checkpointThread = new ThreadDefinition<string, "fold" | "close", FoldReply>(
  new URL("./checkpoint-worker.ts", import.meta.url),
);
