import { once } from "node:events";
import { WebSocket } from "ws";
import { now, type Order, type Report, type Update } from "./messages.ts";

/** A process of its own that opens sockets, and counts and times what it reads; nothing is parsed that need not be. */
const sockets: WebSocket[] = [];
const latencies: number[] = [];
let updates: Update[] = [];
let received = 0;
let expected = Infinity;

const report = (message: Report) => process.send?.(message);
const timestamp = Buffer.from('"timestamp":"');
const updated = Buffer.from('{"type":"search.updated"');
const response = Buffer.from('{"type":"response"');
const query = /"subscription_id":"([^"]+)"/;
const position = /"seq":(\d+)/;
/** One message in so many is timed. */
const sampling = 16;

function receive(data: Buffer): void {
  if (data.subarray(0, response.length).equals(response)) return;
  received++;
  if (data.subarray(0, updated.length).equals(updated)) {
    const head = data.toString("latin1", 0, 400);
    updates.push({ query: query.exec(head)?.[1] ?? "", seq: Number(position.exec(head)?.[1]), at: now() });
  } else if (received % sampling === 0) {
    const start = data.indexOf(timestamp) + timestamp.length;
    latencies.push(now() - Date.parse(data.toString("latin1", start, start + 24)));
  }
  if (received >= expected) report({ type: "done", at: now() });
}

async function connect(url: string, count: number, key: string | undefined): Promise<void> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  // A few at a time, so that the listening queue does not overflow.
  for (let opened = 0; opened < count; opened += 100) {
    const batch = Array.from({ length: Math.min(100, count - opened) }, () => new WebSocket(url, { headers }));
    for (const socket of batch) socket.on("message", receive);
    await Promise.all(batch.map((socket) => once(socket, "open")));
    sockets.push(...batch);
  }
}

/** Sends the frames, spread over the sockets, and waits for as many answers. */
async function send(frames: readonly string[]): Promise<void> {
  const perSocket = Math.ceil(frames.length / sockets.length);
  await Promise.all(
    sockets.map(async (socket, index) => {
      for (const frame of frames.slice(index * perSocket, (index + 1) * perSocket)) {
        socket.send(frame);
        await once(socket, "message");
      }
    }),
  );
}

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case "connect":
      await connect(order.url, order.count, order.key);
      break;
    case "send":
      await send(order.frames);
      break;
    case "expect":
      received = 0;
      latencies.length = 0;
      expected = order.messages;
      break;
    case "collect":
      report({ type: "figures", latencies, updates });
      latencies.length = 0;
      updates = [];
      return;
    case "pause":
      for (const socket of sockets) socket.pause();
      break;
    case "disconnect":
      await Promise.all(
        sockets.splice(0).map(async (socket) => {
          const closed = once(socket, "close");
          socket.close();
          await closed;
        }),
      );
  }
  report({ type: "ready" });
}

process.on("message", (order: Order) => void obey(order));
