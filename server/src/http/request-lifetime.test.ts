import { once } from "node:events";
import { connect } from "node:net";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { eventually } from "../../../test/support/waiting.ts";
import { boundLifetimes } from "./request-lifetime.ts";

const clients = 20;

describe("Requests whose clients hang up in the same moment", () => {
  it("end in rounds of their own, so that others have their turns between them", async () => {
    const app = Fastify();
    boundLifetimes(app, new AbortController().signal);
    let round = 0;
    let isOver = false;
    const count = () => {
      round++;
      if (!isOver) setImmediate(count);
    };
    const rounds: number[] = [];
    let waiting = 0;
    app.get("/", async ({ lifetime }) => {
      waiting++;
      await once(lifetime.hungUp, "abort");
      rounds.push(round);
    });
    const { port } = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
    const sockets = Array.from({ length: clients }, () => connect(Number(port), "127.0.0.1"));
    for (const socket of sockets) socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await eventually(() => waiting === clients);
    count();
    for (const socket of sockets) socket.destroy();
    await eventually(() => rounds.length === clients);
    isOver = true;
    expect(new Set(rounds).size).toBe(clients);
    await app.close();
  });
});
