import { limits } from "@arrwdb/protocol/limits";
import { actions } from "@arrwdb/protocol/websocket/messages";
import { sessionJoined, sessionLeft, sessionSearch } from "@arrwdb/protocol/websocket/sessions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLibrary, createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually } from "../support/waiting.ts";

let server: TestServer;
let libraryId: string;

beforeAll(async () => {
  server = await startServer();
  libraryId = (await createVectorLibrary(server.url)).id;
  const socket = await open();
  await socket.request("add", { title: "T", chunks: [{ text: "x", embedding: [1, 0, 0, 0] }] });
  await socket.close();
});
afterAll(() => server.stop());

const open = (id = libraryId) => TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
const join = async (socket: TestSocket, session_id: string, name?: string) =>
  actions.join.response.parse((await socket.request("join", { session_id, name })).data);
const search = (socket: TestSocket, session_id: string, requestId?: string) =>
  socket.request("search", { embedding: [1, 0, 0, 0], k: 3, session_id }, requestId);
const people = async () => {
  const statistics: { subscribers: { sessions: number } } = JSON.parse(
    await (await fetch(`${server.url}/v1/events/stats`)).text(),
  );
  return statistics.subscribers.sessions;
};
const nobodyLeft = () => eventually(async () => (await people()) === 0, { describe: "everybody to leave" });

describe("A room", () => {
  it("shares each search with everybody in it, after the searcher's answer", async () => {
    const [ada, ben, eve] = await Promise.all([open(), open(), open()]);
    await join(ada, "room");
    await join(ben, "room");
    const answer = await search(ada, "room", "s1");
    expect(answer).toMatchObject({ success: true, request_id: "s1", data: { total: 1 } });
    const told = sessionSearch.parse(await ben.wait(({ type }) => type === "session.search"));
    expect(told).toMatchObject({
      session_id: "room",
      request_id: "s1",
      library_id: libraryId,
      success: true,
      error: null,
      data: { results: answer.data?.["results"], seq: 2, query_text: null },
    });
    await ada.wait(({ type }) => type === "session.search");
    expect(ada.messages.map(({ type }) => type)).toEqual(["response", "session.joined", "response", "session.search"]);
    expect((await eve.request("get", { document_id: libraryId })).success).toBe(false);
    expect(eve.messages).toHaveLength(1);
    await Promise.all([ada.close(), ben.close(), eve.close()]);
    await nobodyLeft();
  });

  it("is joined by searching in it", async () => {
    const { id } = await createLibrary(server.url);
    const [ada, ben] = await Promise.all([open(id), open(id)]);
    await ada.request("search", { query_text: "a shared question", session_id: "room" });
    await ben.request("search", { query_text: "another", session_id: "room" });
    expect(await ada.wait(({ type }) => type === "session.joined")).toMatchObject({ num_participants: 2 });
    await ada.wait(({ type, request_id }) => type === "session.search" && request_id === "r1");
    expect(await ben.wait(({ type }) => type === "session.search")).toMatchObject({ data: { query_text: "another" } });
    await Promise.all([ada.close(), ben.close()]);
    await nobodyLeft();
  });

  it("tells who is there, who comes and who goes, and late joiners the last search", async () => {
    const [ada, ben, eve] = await Promise.all([open(), open(), open()]);
    const first = await join(ada, "room", "Ada");
    expect(first).toMatchObject({
      library_id: libraryId,
      participants: [{ participant_id: first.participant_id, name: "Ada" }],
      last_search: null,
      seq: 2,
    });
    await search(ada, "room");
    const second = await join(ben, "room", "Ben");
    expect(second.participants.map(({ name }) => name)).toEqual(["Ada", "Ben"]);
    expect(second.last_search).toMatchObject({ total: 1, participant_id: first.participant_id });
    expect(sessionJoined.parse(await ada.wait(({ type }) => type === "session.joined"))).toMatchObject({
      session_id: "room",
      participant: { participant_id: second.participant_id, name: "Ben" },
      num_participants: 2,
    });
    expect((await join(ben, "room")).participant_id).toBe(second.participant_id);
    expect((await ben.request("leave", { session_id: "room" })).data).toMatchObject({
      left: true,
      session_id: "room",
      seq: 2,
    });
    expect(sessionLeft.parse(await ada.wait(({ type }) => type === "session.left")).num_participants).toBe(1);
    await join(eve, "room");
    await ada.close();
    expect(await eve.wait(({ type }) => type === "session.left")).toMatchObject({
      participant: { name: "Ada" },
      num_participants: 1,
    });
    await search(ben, "elsewhere");
    expect(eve.messages.filter(({ type }) => type === "session.search")).toEqual([]);
    await Promise.all([ben.close(), eve.close()]);
    await nobodyLeft();
  });

  it("is not joined by a search that is refused", async () => {
    const ada = await open();
    expect(await ada.request("search", { embedding: [1], session_id: "room" })).toMatchObject({
      error_code: "dimension_mismatch",
    });
    expect(server.server.sessions).toBe(0);
    await ada.close();
  });

  it("ends with its last participant, and is another one then", async () => {
    const ada = await open();
    await search(ada, "room");
    await ada.request("leave", { session_id: "room" });
    expect(server.server.sessions).toBe(0);
    expect((await join(ada, "room")).last_search).toBeNull();
    await ada.close();
    await nobodyLeft();
    expect(server.server.sessions).toBe(0);
  });

  it("is one library's own", async () => {
    const other = await createVectorLibrary(server.url);
    const [ada, ben] = await Promise.all([open(), open(other.id)]);
    await join(ada, "room");
    expect((await join(ben, "room")).participants).toHaveLength(1);
    await Promise.all([ada.close(), ben.close()]);
  });

  it("holds a thousand, and no more", async () => {
    const sockets = await Promise.all(Array.from({ length: limits.participantsPerSession }, () => open()));
    await Promise.all(sockets.map((socket) => join(socket, "crowd")));
    const late = await open();
    expect(await late.request("join", { session_id: "crowd" })).toMatchObject({
      error_code: "session_full",
      retryable: true,
    });
    const [first] = sockets;
    if (first === undefined) throw new Error("There is nobody");
    await search(first, "crowd");
    await Promise.all(sockets.map((socket) => socket.wait(({ type }) => type === "session.search")));
    await Promise.all([...sockets, late].map((socket) => socket.close()));
    await nobodyLeft();
    expect(server.server.sessions).toBe(0);
  });

  it("is one of a bounded number for a connection", async () => {
    const ada = await open();
    for (let index = 0; index < limits.sessionsPerConnection; index++) await join(ada, `room ${index}`);
    expect(await ada.request("join", { session_id: "one more" })).toMatchObject({ error_code: "too_many_sessions" });
    await ada.close();
    await nobodyLeft();
  });
});
