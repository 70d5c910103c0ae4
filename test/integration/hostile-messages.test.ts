import {
  type Action,
  actions,
  failureResponse,
  isAction,
  requestErrors,
  serverMessage,
} from "@arrwdb/protocol/websocket/messages";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { extent } from "../support/suite/extent.ts";
import { documentIds } from "../support/data/document-ids.ts";
import { documentId, usual } from "../support/data/arbitrary-documents.ts";
import { hostileValue, namesOf, spoilt, validOf } from "../support/data/arbitrary.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";

/** Runs of each action. */
const numRuns = extent(30, 600);

let server: TestServer;
let socket: TestSocket;
/** Subscriptions that were answered, which can be ended. */
const subscriptions: string[] = [];

beforeAll(async () => {
  server = await startServer();
  const { id } = await createVectorLibrary(server.url);
  socket = await TestSocket.open(`${server.socketUrl}/v1/libraries/${id}/ws`);
});
afterAll(async () => {
  await socket.close();
  await server.stop();
});

/** What deletes the document comes last. */
const inOrder = Object.keys(actions)
  .filter(isAction)
  .toSorted((one, other) => Number(one === "delete") - Number(other === "delete"));

const meanings = {
  ...usual,
  document_id: fc.oneof({ weight: 4, arbitrary: fc.constant(documentId) }, fc.uuid(), documentIds),
  id: fc.constant(documentId),
  subscription_id: fc.oneof(
    { weight: 3, arbitrary: fc.nat().map((index) => subscriptions[index % (subscriptions.length || 1)] ?? documentId) },
    { weight: 1, arbitrary: fc.uuid() },
  ),
  session_id: fc.constantFrom("room-1", "room-2"),
  // A position by chance would be waited for.
  min_seq: fc.constantFrom(null, 0, 1),
  from_seq: fc.constantFrom(0, 1),
  // One of the two only, and none that comes while the test runs.
  expires_at: fc.constantFrom(undefined, null, "2099-01-01"),
  ttl_seconds: fc.constant(undefined),
};

/** What succeeds, as chance alone makes that seldom. */
const plain: Partial<Record<Action, unknown>> = {
  search: { embedding: [1, 0, 0, 0] },
  list: {},
  patch: { document_id: documentId, patch: { author: "Ada" } },
  delete: { document_id: documentId },
};

function dataOf(action: Action): fc.Arbitrary<unknown> {
  const { request } = actions[action];
  const made = action === "add" ? usual["DocumentInput"] : validOf(request, meanings);
  if (made === undefined) throw new Error("Nothing stands for a document");
  const valid = plain[action] === undefined ? made : fc.oneof(made, fc.constant(plain[action]));
  return fc.oneof({ weight: 1, arbitrary: valid }, { weight: 1, arbitrary: spoilt(valid, namesOf(request)) });
}

/** The answer is that of the action, to the last field, or an error that the action can end with. */
function checkAnswer(action: Action, sent: unknown, answer: Awaited<ReturnType<TestSocket["request"]>>): void {
  if (answer.success) {
    expect(actions[action].response.parse(answer.data)).toEqual(answer.data);
    return;
  }
  const failure = failureResponse.parse(answer);
  expect(failure).toEqual(answer);
  const waited = failure.error_code === "position_not_reached" && JSON.stringify(sent).includes("min_seq");
  expect([...actions[action].errors, ...requestErrors]).toContain(failure.error_code);
  if (!waited) expect(["internal", "storage_failed", "shutting_down"]).not.toContain(failure.error_code);
}

describe("Whatever is sent over a WebSocket", () => {
  it.each(inOrder)("%s answers as its description says", async (action) => {
    let successes = 0;
    await fc.assert(
      fc.asyncProperty(dataOf(action), async (data) => {
        const answer = await socket.request(action, data);
        checkAnswer(action, data, answer);
        if (!answer.success) return;
        successes++;
        if (action === "subscribe") subscriptions.push(String(answer.data?.["subscription_id"]));
      }),
      { numRuns },
    );
    expect(successes).toBeGreaterThan(0);
  });

  it("a frame that is no request is answered, and the connection lives", async () => {
    const frame = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
      hostileValue.map((value) => JSON.stringify(value)),
      fc
        .record({ request_id: hostileValue, action: hostileValue, data: hostileValue })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(frame, async (text) => {
        const other = await socket.raw(text);
        expect(failureResponse.parse(other)).toEqual(other);
        expect(requestErrors).toContain(other.error_code);
      }),
      { numRuns },
    );
  });

  it("what it tells unasked is what its description says", async () => {
    // By chance alone, no subscription may be left that tells what is added.
    const other = await TestSocket.open(socket.socket.url);
    expect(await other.request("subscribe", {})).toMatchObject({ success: true });
    const chunks = [{ text: "a", embedding: [1, 0, 0, 0] }];
    expect(await socket.request("add", { title: "One", chunks })).toMatchObject({ success: true });
    await other.wait(({ type }) => type === "document.added");
    await other.close();
    const told = [...socket.events(), ...other.events()];
    expect(told.map((message) => serverMessage.parse(message))).toEqual(told);
    expect(new Set(told.map(({ type }) => type))).toContain("document.added");
  });
});
