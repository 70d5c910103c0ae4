import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { UnreadAnswers } from "./unread-answers.ts";

const megabyte = 1024 * 1024;

it("lets those go who have read nothing for longest, and no more than it must", async () => {
  const unread = new UnreadAnswers(50, 40 * megabyte);
  const closed: string[] = [];
  const server = createServer((request, response) => {
    unread.add(response);
    response.once("close", () => closed.push(request.url ?? ""));
    response.end(Buffer.alloc(24 * megabyte));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const peers: Socket[] = [];
  /** Asks, and reads nothing. */
  const ask = async (path: string) => {
    const peer = connect(port, "127.0.0.1").on("error", () => undefined);
    peers.push(peer);
    await once(peer, "connect");
    peer.pause();
    const came = once(server, "request");
    peer.write(`GET /${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await came;
  };
  await ask("first");
  await ask("second");
  while (closed.length === 0)
    await once(server, "request", { signal: AbortSignal.timeout(100) }).catch(() => undefined);
  expect(closed).toEqual(["/first"]);
  // What is left is within the bound, and stays.
  await ask("third");
  expect(closed).toEqual(["/first"]);
  for (const peer of peers) peer.destroy();
  server.closeAllConnections();
  server.close();
});
