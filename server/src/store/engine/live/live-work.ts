import type { HoldMeter } from "../../../scheduling/hold-meter.ts";
import type { Slice } from "../../../scheduling/slice.ts";
import { goOn, type Steps } from "../../../scheduling/steps.ts";
import type { OfLibrary } from "./live-messages.ts";

/** Work of one kind, in steps. */
export interface Work {
  readonly kind: string;
  readonly steps: Steps<void>;
}

interface Library {
  readonly id: string;
  readonly messages: OfLibrary[];
  /** Work that has started. */
  work: Work | undefined;
}

/** Messages about libraries, not processed yet. Each library's are processed in order, and libraries take turns. */
export class LiveWork {
  readonly #begin: (messages: OfLibrary[]) => Work;
  readonly #holds: HoldMeter;
  /** In order of their turns. */
  readonly #libraries = new Map<string, Library>();

  /** @param begin takes the first message, and those after it that are processed together with it */
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

  /** Runs at least one step for the libraries whose turn it is. */
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
