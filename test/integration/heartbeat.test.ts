import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Heartbeat } from "../../server/src/ws/heartbeat.ts";

let server: WebSocketServer;
let heartbeat: Heartbeat;

beforeEach(async () => {
  heartbeat = new Heartbeat(20);
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => heartbeat.watch(socket));
  await once(server, "listening");
});
afterEach(() => {
  heartbeat.stop();
  for (const socket of server.clients) socket.terminate();
  server.close();
});

function connect(options: { readonly autoPong: boolean }): WebSocket {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server does not listen");
  return new WebSocket(`ws://127.0.0.1:${address.port}`, options);
}

it("drops a peer that answers no ping, and keeps one that does", async () => {
  const living = connect({ autoPong: true });
  await once(living, "open");
  const silent = connect({ autoPong: false });
  const [code]: unknown[] = await once(silent, "close");
  expect(code).toBe(1006);
  for (let pings = 0; pings < 5; pings++) await once(living, "ping");
  expect(living.readyState).toBe(WebSocket.OPEN);
});

it("counts any message as a sign of life", async () => {
  const talking = connect({ autoPong: false });
  let pings = 0;
  await once(talking, "open");
  while (pings++ < 6) {
    await once(talking, "ping");
    talking.send("here");
  }
  expect(talking.readyState).toBe(WebSocket.OPEN);
});

it("does not hold it against a peer that it is not being read from", async () => {
  const peer = connect({ autoPong: true });
  const [serverSide]: WebSocket[] = await once(server, "connection");
  serverSide?.pause();
  const other = connect({ autoPong: true });
  await once(other, "open");
  for (let beats = 0; beats < 6; beats++) await once(other, "ping");
  expect(peer.readyState).toBe(WebSocket.OPEN);
  serverSide?.resume();
  for (let beats = 0; beats < 3; beats++) await once(peer, "ping");
  expect(peer.readyState).toBe(WebSocket.OPEN);
});
