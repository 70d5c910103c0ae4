/**
 * `arrwdb mcp`: the Model Context Protocol on standard input and output, for programs that start their servers
 * themselves. It works on an arrwDB server that runs already.
 */
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { ArrwClient } from "arrwdb-client";
import { createMcpServer } from "../mcp/create-mcp-server.ts";
import { RemoteDatabase } from "../mcp/remote-database.ts";
import { WatchSlots } from "../mcp/watch-slots.ts";
import { onStopSignals } from "../stop-signals.ts";
import { StdioTransport } from "./stdio-transport.ts";

/** Maximum of concurrent `watch` calls; there is only one client. */
const maxWaiting = 64;

/** Standard output is the protocol's alone. */
const log = (line: string) => process.stderr.write(`arrwdb mcp: ${line}\n`);

const onFault = (error: unknown) => log(error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Serves until its input ends, or a stop signal arrives. */
export async function serveMcp(client: ArrwClient): Promise<void> {
  const database = new RemoteDatabase(client);
  const waiting = new WatchSlots({ total: maxWaiting, each: maxWaiting });
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(() => createMcpServer({ database, waiting, caller: "", onFault }), {
    transport: new StdioTransport(process.stdin, process.stdout),
    onerror: (error) => log(error.message),
  });
  process.stdin.once("close", ended.resolve);
  process.stdin.once("end", ended.resolve);
  onStopSignals(["SIGINT", "SIGTERM"], ended.resolve, () => process.exit(130));
  await ended.promise;
  waiting.close();
  await server.close();
  client.close();
}
