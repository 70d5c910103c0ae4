/** A document as it was sent. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly chunks: readonly { readonly text: string; readonly embedding: readonly number[] }[];
}

/** The same as a server shows it. */
export interface Found {
  readonly title: string;
  readonly chunks: readonly { readonly text: string }[];
}

/** What a document may be like; undefined where it is not there. */
type State = Entry | undefined;

/** What is known of each document: the last state that was acknowledged, and those that may or may not have come since. */
export class CrashLedger {
  readonly #certain = new Map<string, State>();
  readonly #possible = new Map<string, readonly State[]>();

  /** How many documents something is certain of. */
  get size(): number {
    return this.#certain.size;
  }

  /** The documents that are there. */
  get present(): readonly Entry[] {
    return [...this.#certain.values()].filter((entry) => entry !== undefined);
  }

  /** Documents of which something was under way. */
  get unsettled(): readonly string[] {
    return [...this.#possible.keys()];
  }

  /** A change to this state was sent. */
  begin(id: string, state: State): void {
    this.#possible.set(id, [...(this.#possible.get(id) ?? []), state]);
  }

  /** It was answered that the document has this state. */
  acknowledge(id: string, state: State): void {
    this.#certain.set(id, state);
    this.#possible.delete(id);
  }

  /**
   * After a crash a document is as it was acknowledged last, or as something made it that was under way; that is certain
   * from now on. One that was acknowledged is not lost because another version of it was on its way.
   *
   * @throws where it is like nothing of that
   */
  settle(id: string, found: Found | undefined): void {
    const allowed = [this.#certain.get(id), ...(this.#possible.get(id) ?? [])];
    const place = allowed.findLastIndex((state) => isSame(found, state));
    if (place < 0) {
      const titles = allowed.map((state) => state?.title ?? "nothing").join(" or ");
      throw new Error(
        `Document ${id} has to be ${titles}, and is ${found === undefined ? "lost" : JSON.stringify(found)}`,
      );
    }
    this.acknowledge(id, allowed[place]);
  }
}

function isSame(found: Found | undefined, entry: State): boolean {
  if (found === undefined || entry === undefined) return found === entry;
  const texts = (chunks: Found["chunks"]) => JSON.stringify(chunks.map(({ text }) => text));
  return found.title === entry.title && texts(found.chunks) === texts(entry.chunks);
}
