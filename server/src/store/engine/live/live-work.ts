import type { HoldMeter } from "../../../scheduling/hold-meter.ts";
import type { Slice } from "../../../scheduling/slice.ts";
import { goOn, type Steps } from "../../../scheduling/steps.ts";
import type { OfLibrary } from "./live-messages.ts";

/** Something to do, of one kind. */
export interface Work {
  readonly kind: string;
  readonly steps: Steps<void>;
}

interface Library {
  readonly id: string;
  readonly messages: OfLibrary[];
  /** What has been begun. */
  work: Work | undefined;
}

/** What the store told of libraries and is not looked at yet. It is looked at in its order, and libraries take turns. */
export class LiveWork {
  readonly #begin: (messages: OfLibrary[]) => Work;
  readonly #holds: HoldMeter;
  /** In the order of their turns. */
  readonly #libraries = new Map<string, Library>();

  /** @param begin takes the first of the messages, and those behind it that are looked at together with it */
  constructor(begin: (messages: OfLibrary[]) => Work, holds: HoldMeter) {
    this.#begin = begin;
    this.#holds = holds;
  }

  get pending(): boolean {
    return this.#libraries.size > 0;
  }

  add(message: OfLibrary): void {
    const { libraryId: id } = message;
    const library = this.#libraries.get(id);
    if (library === undefined) this.#libraries.set(id, { id, messages: [message], work: undefined });
    else library.messages.push(message);
  }

  /** Goes on with the libraries whose turn it is, a step at least. */
  goOn(slice: Slice): void {
    do {
      const [library] = this.#libraries.values();
      if (library === undefined) return;
      this.#libraries.delete(library.id);
      this.#turn(library, slice);
      if (library.work !== undefined || library.messages.length > 0) this.#libraries.set(library.id, library);
    } while (!slice.over);
  }

  #turn(library: Library, slice: Slice): void {
    do {
      if (library.work === undefined && library.messages.length === 0) return;
      const { kind, steps } = (library.work ??= this.#begin(library.messages));
      if (this.#holds.measure(kind, () => goOn(steps, slice))) library.work = undefined;
    } while (!slice.over);
  }
}
