import { once } from "node:events";
import { connect } from "node:net";
import Fastify from "fastify";
import { expect, it } from "vitest";
import { requestSignal } from "./request-signal.ts";

it("is aborted from the start where the client went away before", async () => {
  const app = Fastify();
  const asked = Promise.withResolvers<void>();
  const late = Promise.withResolvers<AbortSignal>();
  app.get("/", async (_request, reply) => {
    asked.resolve();
    await once(reply.raw, "close");
    late.resolve(requestSignal(reply, new Error("gone")));
  });
  const { port } = new URL(await app.listen({ port: 0 }));
  const socket = connect(Number(port));
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await asked.promise;
  socket.destroy();
  expect((await late.promise).reason).toEqual(new Error("gone"));
  await app.close();
});
