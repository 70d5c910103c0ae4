import fc from "fast-check";
import { expect, it } from "vitest";
import { anyWrite } from "../core/subscriber.ts";
import { OwnWrites } from "./own-writes.ts";

/** A write that is answered when the test wants. */
class Write {
  readonly #done = Promise.withResolvers<void>();
  readonly #over: Promise<void>;

  constructor(own: OwnWrites, documentId: string, told: string[]) {
    this.#over = own.during(
      documentId,
      () => this.#done.promise,
      () => void told.push(`answer ${documentId}`),
    );
  }

  async answer(): Promise<void> {
    this.#done.resolve();
    await this.#over;
  }

  async fail(): Promise<void> {
    this.#done.reject(new Error("refused"));
    await this.#over.catch(() => undefined);
  }
}

it("tells what a write has caused after its answer, and what nobody here has caused at once", async () => {
  const told: string[] = [];
  const own = new OwnWrites((json) => void told.push(json));
  const write = new Write(own, "a", told);
  own.tell("event b", "b");
  own.tell("event a", "a");
  own.tell("event c", "c");
  own.tell("results", anyWrite);
  expect(told).toEqual(["event b"]);
  expect(own.waiting).toBe("event aevent cresults".length);
  await write.answer();
  expect(told).toEqual(["event b", "answer a", "event a", "event c", "results"]);
  expect(own.waiting).toBe(0);
});

it("goes on after a write that failed", async () => {
  const told: string[] = [];
  const own = new OwnWrites((json) => void told.push(json));
  const write = new Write(own, "a", told);
  own.tell("event of somebody else", "a");
  await write.fail();
  expect(told).toEqual(["event of somebody else"]);
});

it("keeps the order of messages, loses none, and holds none once all is answered", async () => {
  const step = fc.oneof(
    fc.record({ write: fc.constantFrom("a", "b", "c") }),
    fc.record({ tell: fc.constantFrom("a", "b", "c", anyWrite, undefined) }),
    fc.record({ answer: fc.nat(5) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const told: string[] = [];
      const own = new OwnWrites((json) => void told.push(json));
      const open: { readonly id: string; readonly write: Write }[] = [];
      let sent = 0;
      for (const one of steps) {
        if ("write" in one) open.push({ id: one.write, write: new Write(own, one.write, told) });
        else if ("tell" in one) {
          const cause = one.tell;
          const before = told.length;
          own.tell(String(sent++), cause);
          const waits = open.some(({ id }) => cause === anyWrite || cause === id);
          if (waits && cause !== undefined) expect(told).toHaveLength(before);
        } else await open.splice(one.answer, 1)[0]?.write.answer();
      }
      for (const { write } of open) await write.answer();
      const messages = told.filter((text) => !text.startsWith("answer"));
      expect(messages).toEqual(Array.from({ length: sent }, (_each, index) => String(index)));
      expect(own.waiting).toBe(0);
    }),
    { numRuns: 200 },
  );
});
