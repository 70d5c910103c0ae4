import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import type { Report } from "./messages.ts";

/**
 * The least that a broadcast can be: each line that is posted goes to every socket as it is, with the time in its place.
 * It stores nothing and promises nothing. A post is answered when its messages have left, so that nothing piles up.
 */
const http = createServer((request, response) => {
  void text(request).then(async (body) => {
    const stamped = body
      .split("\n")
      .map((line) => line.replace(/"timestamp":"[^"]*"/, `"timestamp":"${new Date().toISOString()}"`));
    await Promise.all(
      Array.from(server.clients, async (client) => {
        const sent = Promise.withResolvers<void>();
        for (const [index, line] of stamped.entries()) {
          if (index === stamped.length - 1) client.send(line, () => sent.resolve());
          else client.send(line);
        }
        await sent.promise;
      }),
    );
    response.end("{}");
  });
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("The broadcast server does not listen");
  const report: Report = { type: "listening", url: `http://127.0.0.1:${address.port}` };
  process.send?.(report);
});
