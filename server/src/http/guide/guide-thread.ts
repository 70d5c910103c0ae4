import { ThreadDefinition } from "../../util/typed-thread.ts";
import type { Guide } from "./build-guide.ts";

/** Started with the project's directory; sends the guide once. */
export const guideThread = new ThreadDefinition<string, never, Guide>(new URL("./guide-worker.ts", import.meta.url));
