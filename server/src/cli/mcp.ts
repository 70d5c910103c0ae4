/**
 * `arrwdb mcp`: the Model Context Protocol on standard input and output, for programs that start their servers
 * themselves. It works on an arrwDB server that runs already. Standard output is the protocol's alone.
 *
 *   arrwdb mcp [--url http://localhost:8000]
 */
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { ArrwClient } from "arrwdb-client";
import { createMcpServer } from "../mcp/create-mcp-server.ts";
import { RemoteDatabase } from "../mcp/remote-database.ts";
import { WaitingRoom } from "../mcp/waiting-room.ts";

const help = `arrwdb mcp [--url http://localhost:8000]

Serves the Model Context Protocol on standard input and output, with the tools
search, add, get, list and watch, on the arrwDB server at --url or ARRWDB_URL.
`;

/** Standard output is the protocol's alone. */
const log = (line: string) => process.stderr.write(`arrwdb mcp: ${line}\n`);

/** Calls of `watch` of the one program that started this one. */
const maxWaiting = 64;

/**
 * Serves until its input ends.
 *
 * @param args what stands behind `mcp` on the command line
 * @returns the exit code
 */
export async function mcp(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  let client: ArrwClient;
  try {
    const options = { url: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
    const { values } = parseArgs({ args: [...args], options, strict: true });
    if (values.help === true) {
      process.stdout.write(help);
      return 0;
    }
    client = new ArrwClient({ url: values.url ?? environment["ARRWDB_URL"] ?? "http://localhost:8000" });
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.stderr.write(`\n${help}`);
    return 2;
  }
  const database = new RemoteDatabase(client);
  const onFault = (error: unknown) => log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const context = { database, waiting: new WaitingRoom(maxWaiting), onFault };
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(() => createMcpServer(context), { onerror: (error) => log(error.message) });
  process.stdin.once("close", ended.resolve);
  process.stdin.once("end", ended.resolve);
  process.once("SIGINT", ended.resolve);
  process.once("SIGTERM", ended.resolve);
  await ended.promise;
  await server.close();
  client.close();
  return 0;
}

if (import.meta.main) process.exitCode = await mcp(process.argv.slice(2), process.env);
