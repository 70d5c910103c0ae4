import type { LibraryEvent, SearchPerformed } from "@arrwdb/protocol/events/events";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { describe, expect, it } from "vitest";
import { newDocument, newDocuments, range, type StoreFixture } from "./store-fixture.ts";
import { eventually } from "../support/waiting.ts";

const performed: SearchPerformed = {
  query: "a question",
  k: 3,
  threshold: null,
  metadata_filter: null,
  session_id: null,
  total: 0,
  took_ms: 1,
  exact: true,
  searched_seq: 1,
  top: [],
};

export function describeEvents(fixture: StoreFixture): void {
  describe("events", () => {
    const read = (afterSeq: number, limit = 1000, maxCharacters?: number) =>
      fixture.store.events.read(fixture.library.id, { afterSeq, limit, maxCharacters });
    const refusal = async (afterSeq: number) => {
      try {
        await read(afterSeq);
        return undefined;
      } catch (error) {
        if (!(error instanceof ArrwError)) throw error;
        return { code: error.code, earliestSeq: error.earliestSeq };
      }
    };
    /** Resolves when events up to the position are forgotten. */
    const forgotten = (seq: number) => eventually(async () => expect((await refusal(seq - 1))?.earliestSeq).toBe(seq));

    it("come with the library's position and the earliest one kept", async () => {
      await fixture.write(...newDocuments(5));
      const { events, seq, earliestSeq } = await read(2, 3);
      expect([events.map((event) => event.seq), seq, earliestSeq]).toEqual([[3, 4, 5], 6, 0]);
    });

    it("come in portions of so many characters, one at least", async () => {
      await fixture.write(...newDocuments(20));
      const length = JSON.stringify((await read(1)).events[0]).length;
      expect((await read(1, 1000, 1)).events.map(({ seq }) => seq)).toEqual([2]);
      expect((await read(1, 1000, length * 4.5)).events.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
    });

    it("are refused from a position that is not there yet", async () => {
      expect(await refusal(2)).toEqual({ code: "position_ahead", earliestSeq: undefined });
    });

    it("are forgotten beyond their number, and say so", async () => {
      await fixture.store.libraries.update(fixture.library.id, { events: { max_count: 4 } });
      await fixture.write(...newDocuments(10));
      await forgotten(8);
      expect((await read(8)).events.map(({ seq }) => seq)).toEqual(range(9, 12));
      expect(await refusal(7)).toEqual({ code: "position_expired", earliestSeq: 8 });
      expect(await refusal(0)).toEqual({ code: "position_expired", earliestSeq: 8 });
      await fixture.reopen();
      expect((await read(8)).seq).toBe(12);
      expect(await refusal(7)).toEqual({ code: "position_expired", earliestSeq: 8 });
    });

    it("are forgotten beyond their age, all of them if need be", async () => {
      await fixture.write(...newDocuments(3));
      await fixture.store.libraries.update(fixture.library.id, { events: { max_age_seconds: 1 } });
      await forgotten(5);
      expect(await read(5)).toEqual({ events: [], seq: 5, earliestSeq: 5 });
      await fixture.write(newDocument());
      expect((await read(5)).events.map(({ seq }) => seq)).toEqual([6]);
    });

    it("tell of a search that is recorded, as a change of its own", async () => {
      const told: LibraryEvent[] = [];
      fixture.onCommit((batch) => told.push(...batch));
      expect(await fixture.store.events.recordSearch(fixture.library.id, performed)).toBe(2);
      expect(told).toMatchObject([{ type: "search.performed", seq: 2, data: performed }]);
      expect((await read(1)).events).toEqual(told);
      expect(await fixture.store.libraries.get(fixture.library.id)).toMatchObject({ seq: 2, num_documents: 0 });
    });
  });
}
