/**
 * `arrwdb mcp`: the Model Context Protocol on standard input and output, for programs that start their servers
 * themselves. It works on an arrwDB server that runs already.
 */
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { ArrwClient } from "arrwdb-client";
import { createMcpServer } from "../mcp/create-mcp-server.ts";
import { RemoteDatabase } from "../mcp/remote-database.ts";
import { WaitingRoom } from "../mcp/waiting-room.ts";

const help = `arrwdb mcp [--url http://localhost:8000]

Serves the Model Context Protocol on standard input and output, with the tools search, add, get, list and watch, on the
arrwDB server at --url or ARRWDB_URL, with the key in ARRWDB_API_KEY where there is one.
`;

/** Calls of `watch` of the one program that started this one. */
const maxWaiting = 64;

/** Standard output is the protocol's alone. */
const log = (line: string) => process.stderr.write(`arrwdb mcp: ${line}\n`);

const onFault = (error: unknown) => log(error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Serves until its input ends, or it is told to stop. */
export async function serveMcp(client: ArrwClient): Promise<void> {
  const database = new RemoteDatabase(client);
  const waiting = new WaitingRoom(maxWaiting);
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(() => createMcpServer({ database, waiting, onFault }), {
    onerror: (error) => log(error.message),
  });
  process.stdin.once("close", ended.resolve);
  process.stdin.once("end", ended.resolve);
  process.once("SIGINT", ended.resolve);
  process.once("SIGTERM", ended.resolve);
  await ended.promise;
  waiting.close();
  await server.close();
  client.close();
}

/**
 * The command by itself.
 *
 * @returns the exit code
 */
async function main(
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
    const key = environment["ARRWDB_API_KEY"] ?? "";
    const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
    client = new ArrwClient({ url: values.url ?? environment["ARRWDB_URL"] ?? "http://localhost:8000", headers });
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.stderr.write(`\n${help}`);
    return 2;
  }
  await serveMcp(client);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env);
