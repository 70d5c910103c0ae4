import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import type { EventType, LibraryEvent } from "@arrwdb/protocol/events/events";
import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import * as fc from "fast-check";
import { EmbeddedStore } from "../../../server/src/store/embedded/embedded-store.ts";
import { newDocument, range } from "../../conformance/store-fixture.ts";
import { EventReader, EventRoom, type ReaderKind } from "../peers/event-readers.ts";
import { temporaryDirectory } from "../server/test-server.ts";
import { eventually } from "../waiting.ts";

/** A store with what tells of its events, which can be started again. */
export class EventBench implements AsyncDisposable {
  readonly #directory: string;
  store: EmbeddedStore;
  room: EventRoom;

  static async open(): Promise<EventBench> {
    const directory = await temporaryDirectory();
    return new EventBench(directory, await EmbeddedStore.open({ directory }));
  }

  private constructor(directory: string, store: EmbeddedStore) {
    this.#directory = directory;
    this.store = store;
    this.room = new EventRoom(store);
  }

  async restart(): Promise<void> {
    await this.#close();
    this.store = await EmbeddedStore.open({ directory: this.#directory });
    this.room = new EventRoom(this.store);
  }

  async newLibrary(): Promise<string> {
    const library = { name: "L", description: null, embeddingModel: "none", dimension: 8 };
    return (await this.store.libraries.create({ ...library, events: defaultEventSettings })).id;
  }

  /** Writes documents whose events are of this length, more or less. */
  async write(libraryId: string, count: number, characters: number): Promise<readonly string[]> {
    const documents = range(1, count).map(() => newDocument({ metadata: { pad: "x".repeat(characters) } }));
    const outcomes = await this.store.documents.write(libraryId, documents);
    return outcomes.flatMap((outcome) => ("value" in outcome ? [outcome.value.document.id] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #close(): Promise<void> {
    this.room.hub.close();
    await this.store.close();
  }
}

const types: readonly (readonly EventType[] | undefined)[] = [
  undefined,
  ["document.added"],
  ["document.deleted", "library.created"],
  ["library.deleted"],
];

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      count: fc.integer({ min: 1, max: 20 }),
      // Few of them fill what is remembered of a library, and pages are cut.
      characters: fc.constantFrom(10, 10_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("begin" as const),
      reader: fc.constantFrom<ReaderKind>("stream", "socket"),
      types: fc.constantFrom(...types),
      /** Where in what there is; from now on where there is none. */
      from: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      room: fc.nat(30),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      reader: fc.nat(),
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("comeBack" as const), reader: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("rest" as const) }) },
);
export const eventCommands = fc.array(command, { minLength: 3, maxLength: 30 });
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

/** A library, what happened in it, and those who read of it. */
export class EventPlay {
  readonly #bench: EventBench;
  readonly libraryId: string;
  readonly readers: EventReader[] = [];
  readonly documents: string[] = [];
  readonly happened: EventType[] = ["library.created"];

  constructor(bench: EventBench, libraryId: string) {
    this.#bench = bench;
    this.libraryId = libraryId;
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const each of commands) await this.#apply(each);
    // Whatever went before: a reader that reads is told everything, though nothing more happens.
    for (const reader of this.readers) reader.read(this.happened.length);
    await this.rest();
  }

  leave(): void {
    for (const reader of this.readers) reader.leave();
  }

  async #apply(next: Command): Promise<void> {
    switch (next.kind) {
      case "write": {
        this.documents.push(...(await this.#bench.write(this.libraryId, next.count, next.characters)));
        this.happened.push(...range(1, next.count).map(() => "document.added" as const));
        return;
      }
      case "delete":
        for (const id of this.documents.splice(0, next.count)) {
          await this.#bench.store.documents.delete(this.libraryId, id);
          this.happened.push("document.deleted");
        }
        return;
      case "begin": {
        const reader = new EventReader(next.reader, next.types);
        reader.room = next.room;
        const head = this.happened.length;
        await reader.begin(
          this.#bench.room,
          this.libraryId,
          next.from === undefined ? undefined : Math.round(next.from * head),
        );
        this.readers.push(reader);
        return;
      }
      case "read":
        return this.#chosen(next.reader)?.read(next.count);
      case "comeBack":
        return this.#chosen(next.reader)?.resume(this.#bench.room, this.libraryId);
      case "restart":
        this.leave();
        await this.#bench.restart();
        for (const reader of this.readers) await reader.resume(this.#bench.room, this.libraryId);
        return;
      case "rest":
        return this.rest();
    }
  }

  /** Nothing happens any more: every reader has been told all that it had room for, and that is what is told of it. */
  async rest(): Promise<void> {
    for (const reader of this.readers) {
      const expected = this.#wanted(reader);
      const hasAll = () => reader.congested || reader.told.length >= expected.length;
      await eventually(hasAll, {
        describe: () => `${reader.kind} to be told ${expected.join()}, it was told ${seqs(reader).join()}`,
        within: 5_000,
      });
      assert.deepEqual(seqs(reader), expected.slice(0, reader.told.length));
      assert.equal(reader.failure, undefined);
    }
    const head = this.happened.length;
    const lags = this.readers.map((reader) => (reader.congested ? head - reader.position : 0));
    const lag = {
      max: Math.max(0, ...lags),
      total: lags.reduce((sum, each) => sum + each, 0),
      behind: lags.filter((each) => each > 0).length,
    };
    // One that has room may still be passing over what it does not want.
    const shown = () => JSON.stringify(this.#bench.room.statistics.read().lag);
    await eventually(() => shown() === JSON.stringify(lag), {
      describe: () => `the lag ${JSON.stringify(lag)}, which is ${shown()}`,
      within: 5_000,
    });
  }

  #chosen(number: number): EventReader | undefined {
    return this.readers[number % this.readers.length];
  }

  #wanted({ from, types: wanted }: EventReader): readonly number[] {
    return range(from + 1, this.happened.length).filter((seq) => {
      const type = this.happened[seq - 1];
      return type !== undefined && (wanted === undefined || wanted.includes(type));
    });
  }
}

const seqs = ({ told }: { readonly told: readonly LibraryEvent[] }) => told.map(({ seq }) => seq);
