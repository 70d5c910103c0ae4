import { failureResponse, successResponse } from "@arrwdb/protocol/websocket/messages";
import { problem } from "@arrwdb/protocol/errors/problem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

let server: TestServer;
let address: string;
beforeAll(async () => {
  server = await startServer();
  const { id } = await createVectorLibrary(server.url);
  address = `${server.socketUrl}/v1/libraries/${id}/ws`;
});
afterAll(() => server.stop());

describe("A ping in words", () => {
  const pings: readonly (readonly [message: unknown, requestId: string | null])[] = [
    [{ action: "ping" }, null],
    [{ action: "ping", data: {} }, null],
    [{ action: "ping", data: { sent_at: 1, more: ["x"] } }, null],
    [{ action: "ping", data: null, request_id: null }, null],
    [{ action: "ping", data: "text" }, null],
    [{ action: "ping", request_id: "p1" }, "p1"],
    [{ action: "ping", request_id: "p2", data: { a: 1 } }, "p2"],
  ];
  it.each(pings)("is answered: %j", async (ping, requestId) => {
    const socket = await TestSocket.open(address);
    socket.socket.send(JSON.stringify(ping));
    const answer = successResponse.parse(await socket.wait(({ type }) => type === "response"));
    expect(answer).toMatchObject({ request_id: requestId, success: true, error: null, data: { pong: true } });
    expect(Date.parse(String(Object(answer.data).timestamp))).toBeGreaterThan(0);
    await socket.close();
  });

  it("needs all else to be right, and nothing else may leave out its name", async () => {
    for (const wrong of [
      { action: "ping", request_id: "" },
      { action: "ping", request_id: 7 },
      { action: "ping", x: 1 },
    ]) {
      const socket = await TestSocket.open(address);
      socket.socket.send(JSON.stringify(wrong));
      const answer = failureResponse.parse(await socket.wait(({ type }) => type === "response"));
      expect(answer.error_code).toBe("validation_failed");
      await socket.close();
    }
    const socket = await TestSocket.open(address);
    socket.socket.send(JSON.stringify({ action: "get", data: {} }));
    expect(await socket.wait(({ type }) => type === "response")).toMatchObject({ field: "request_id" });
    await socket.close();
  });
});

describe("Subprotocols", () => {
  const upgrade = async (protocols: readonly string[]) => {
    const socket = new WebSocket(address, [...protocols]);
    const outcome = Promise.withResolvers<string>();
    socket.on("open", () => outcome.resolve(`open ${socket.protocol}`));
    socket.on("error", () => undefined);
    socket.on("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (data: Buffer) => (text += data.toString()));
      response.on("end", () => {
        const { status, code, field } = problem.parse(JSON.parse(text));
        outcome.resolve(`${status} ${code} ${field}`);
      });
    });
    const result = await outcome.promise;
    socket.terminate();
    return result;
  };

  it("are refused where none of them is known, and otherwise the known one is chosen", async () => {
    const refused = "422 validation_failed sec-websocket-protocol";
    expect(await upgrade([])).toBe("open ");
    expect(await upgrade(["arrwdb"])).toBe("open arrwdb");
    expect(await upgrade(["graphql-ws", "arrwdb"])).toBe("open arrwdb");
    expect(await upgrade(["graphql-ws"])).toBe(refused);
    expect(await upgrade(["chat", "superchat", "Arrwdb"])).toBe(refused);
  });
});
