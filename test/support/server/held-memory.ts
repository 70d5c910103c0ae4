import { z } from "zod";
import type { ServerProcess } from "./server-process.ts";
import { eventually } from "../waiting.ts";

/** What a server is started with that can tell what it holds on to. */
export const reportsMemory = { NODE_OPTIONS: `--import=${new URL("report-memory.ts", import.meta.url).href}` };

const report = z.object({ held: z.number() });

/** Bytes that the main thread of a server holds on to, which was started with `reportsMemory`. */
export async function heldMemory(server: ServerProcess): Promise<number> {
  const reports = () =>
    server
      .output()
      .split("\n")
      .filter((line) => line.startsWith('{"held"'));
  const before = reports().length;
  server.process.kill("SIGUSR2");
  await eventually(() => reports().length > before, { describe: "the server to tell what it holds" });
  return report.parse(JSON.parse(reports().at(-1) ?? "")).held;
}
