import { eventPage, libraryEvent, streamEnded, streamPosition } from "@arrwdb/protocol/events/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EventBlock, EventStreamReader } from "../support/peers/event-stream.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { line, problemOf, resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const upload = (id: string, lines: readonly string[]) =>
  resultsOf(uploadTo(uploadUrl(server.url, id), lines.join("\n")));
const address = (id: string, query = "") => `${server.url}/v1/libraries/${id}/events${query}`;
const eventsOf = (blocks: readonly EventBlock[]) =>
  blocks.flatMap(({ event, data }) =>
    event !== undefined || data === undefined ? [] : [libraryEvent.parse(JSON.parse(data))],
  );

describe("Server-Sent Events", () => {
  it("begin with the position, and tell each event with its own as id", async () => {
    const { id } = await createVectorLibrary(server.url);
    const stream = await EventStreamReader.open(address(id));
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const begin = await stream.wait(({ retry }) => retry !== undefined);
    expect(begin).toMatchObject({ id: "1", event: "progress", retry: "2000" });
    expect(streamPosition.parse(JSON.parse(begin.data ?? ""))).toEqual({
      type: "stream.progress",
      library_id: id,
      seq: 1,
    });
    await upload(id, [line(), line()]);
    await stream.wait((block) => block.id === "3");
    expect(stream.blocks.filter(({ event }) => event === undefined).map((block) => block.id)).toEqual(["2", "3"]);
    expect(eventsOf(stream.blocks)).toMatchObject([
      { type: "document.added", seq: 2 },
      { type: "document.added", seq: 3 },
    ]);
    await stream.close();
  });

  it("resume after Last-Event-ID, which counts before from_seq", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 5).map(() => line()),
    );
    const resumed = await EventStreamReader.open(address(id, "?from_seq=0"), { "last-event-id": "4" });
    await resumed.wait((block) => block.id === "6");
    expect(eventsOf(resumed.blocks).map(({ seq }) => seq)).toEqual([5, 6]);
    const whole = await EventStreamReader.open(address(id, "?from_seq=0"));
    await whole.wait((block) => block.id === "6");
    expect(eventsOf(whole.blocks).map(({ seq }) => seq)).toEqual(range(1, 6));
    await Promise.all([resumed.close(), whole.close()]);
  });

  it("tell how far a narrowed stream has come, and that they are alive, by events with names", async () => {
    const { id } = await createVectorLibrary(server.url);
    const filter = encodeURIComponent(JSON.stringify({ author: "Ada" }));
    const stream = await EventStreamReader.open(
      address(id, `?events=document.added,%20document.updated&metadata_filter=${filter}`),
    );
    await upload(id, [line({ author: "Ada" }), line({ author: "Ben" }), line({ author: "Ben" })]);
    const progress = await stream.wait((block) => block.id === "4");
    expect(progress).toMatchObject({ event: "progress" });
    expect(streamPosition.parse(JSON.parse(progress.data ?? ""))).toMatchObject({ type: "stream.progress", seq: 4 });
    const alive = await stream.wait((block) => block.event === "heartbeat");
    expect(streamPosition.parse(JSON.parse(alive.data ?? ""))).toEqual({
      type: "stream.heartbeat",
      library_id: id,
      seq: 4,
    });
    expect(alive.id).toBe("4");
    // Each blank line ends an event with data: readers that hand on every one of them get nothing empty.
    for (const { data } of stream.blocks) expect(data).toBeDefined();
    expect(eventsOf(stream.blocks)).toMatchObject([{ seq: 2, data: { author: "Ada" } }]);
    await stream.close();
  });

  it("end after the library's deletion", async () => {
    const { id } = await createVectorLibrary(server.url);
    const stream = await EventStreamReader.open(address(id));
    await fetch(`${server.url}/v1/libraries/${id}`, { method: "DELETE" });
    await stream.ended;
    expect(eventsOf(stream.blocks)).toMatchObject([{ type: "library.deleted", seq: 2 }]);
    expect((await fetch(address(id))).status).toBe(404);
  });

  it("end when the server stops", async () => {
    const stopping = await startServer();
    const { id } = await createVectorLibrary(stopping.url);
    const stream = await EventStreamReader.open(`${stopping.url}/v1/libraries/${id}/events`);
    await stopping.stop();
    await expect(stream.ended).resolves.toBeUndefined();
    const { event, data } = stream.blocks.at(-1) ?? {};
    expect(event).toBe("ended");
    expect(streamEnded.parse(JSON.parse(data ?? ""))).toMatchObject({ error_code: "shutting_down", retryable: true });
  });

  const refused: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>, number, string, string]>> =
    {
      "a negative position": ["?from_seq=-1", {}, 422, "validation_failed", "from_seq"],
      "a position that is no number": ["?from_seq=x", {}, 422, "validation_failed", "from_seq"],
      "a position in the future": ["?from_seq=99", {}, 422, "position_ahead", "from_seq"],
      "an id of something else": ["", { "last-event-id": "abc" }, 422, "validation_failed", "Last-Event-ID"],
      "an unknown type": ["?events=nonsense", {}, 422, "validation_failed", "events[0]"],
      "a filter that is no JSON": ["?metadata_filter=%7B", {}, 422, "validation_failed", "metadata_filter"],
      "a filter that is none": [
        "?metadata_filter=%7B%22$x%22:1%7D",
        {},
        422,
        "validation_failed",
        "metadata_filter.$x",
      ],
      "an unknown parameter": ["?from=1", {}, 422, "validation_failed", "from"],
    };
  for (const [name, [query, headers, status, code, field]] of Object.entries(refused)) {
    it(`refuse ${name}`, async () => {
      const { id } = await createVectorLibrary(server.url);
      expect(await problemOf(await fetch(address(id, query), { headers }))).toMatchObject({ status, code, field });
    });
  }
});

describe("Pages of events", () => {
  const page = async (id: string, query: string) =>
    eventPage.parse(await (await fetch(address(id, query), { headers: { accept: "application/json" } })).json());

  it("follow each other to the library's position", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 9).map(() => line()),
    );
    const told: number[] = [];
    let from = 0;
    for (;;) {
      const { events, next_from_seq, has_more, seq, earliest_seq } = await page(id, `?from_seq=${from}&limit=4`);
      expect([seq, earliest_seq]).toEqual([10, 0]);
      told.push(...events.map((event) => event.seq));
      from = next_from_seq;
      if (!has_more) break;
    }
    expect([told, from]).toEqual([range(1, 10), 10]);
  });

  it("tell how far a narrowed one has come, though it holds nothing", async () => {
    const { id } = await createVectorLibrary(server.url);
    await upload(
      id,
      range(1, 600).map(() => line()),
    );
    expect(await page(id, "?from_seq=1&events=library.updated")).toMatchObject({
      events: [],
      next_from_seq: 601,
      has_more: false,
    });
  });
});
