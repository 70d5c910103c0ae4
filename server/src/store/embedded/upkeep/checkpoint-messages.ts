import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { Folded } from "../../engine/rows/write-ahead-log.ts";

/** The answer to each `fold`. */
export type FoldReply = Folded | { readonly error: string };

/** Started with the data directory. */
export const checkpointThread = new ThreadDefinition<string, "fold" | "close", FoldReply>(
  new URL("./checkpoint-worker.ts", import.meta.url),
);
