import type { LibraryRow } from "../rows/libraries-table.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import type { PlannedIndex } from "./index-definition.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { SnapshotsTable } from "./snapshots-table.ts";
import type { PersistentIndex, VectorIndex } from "./vector-index.ts";

/** Vectors of another space are other vectors, though their chunks have the same keys. */
const inSpace = (space: number, format: string) => (space === 0 ? format : `${format}, space ${space}`);

/** Indexes saved on disk. Unusable ones only cost time. */
export class Snapshots {
  readonly files: SnapshotFiles;
  readonly #table: SnapshotsTable;

  constructor(directory: string) {
    this.files = new SnapshotFiles(directory);
    this.#table = new SnapshotsTable(this.files.directory);
    this.files.keepOnly(this.#table.files());
  }

  *save({ key, library, space }: LibraryRow, index: PersistentIndex): Steps<void> {
    const name = this.files.newName(library.id);
    let isKept = false;
    try {
      const snapshot = yield* index.save(this.files, name);
      if (snapshot === undefined) return;
      const before = this.#table.filesOf(key);
      this.#table.put(key, { ...snapshot, format: inSpace(space, snapshot.format) });
      isKept = true;
      index.saved();
      this.files.remove(before);
    } finally {
      // Saving failed or was cancelled after some files had been written.
      if (!isKept) this.files.removeNamed(name);
    }
  }

  /** The saved index of a library, or undefined if there is none. @throws if the files are not what was saved */
  *load({ key, space }: LibraryRow, planned: PlannedIndex): Steps<VectorIndex | undefined> {
    const snapshot = this.#table.find(key);
    if (snapshot === undefined) return undefined;
    const { format } = planned;
    if (format === undefined) {
      this.remove(key);
      return undefined;
    }
    if (snapshot.format !== inSpace(space, format)) throw new Error(`it was made as ${snapshot.format}`);
    // The loader trusts these files, so they are checked first.
    for (const file of snapshot.files) yield* this.files.check(file);
    const index = yield* planned.load(snapshot);
    // From now on the files change with the index.
    if (index.savedAtEnd) this.#table.remove(key);
    return index;
  }

  remove(library: number): void {
    const files = this.#table.filesOf(library);
    this.#table.remove(library);
    this.files.remove(files);
  }

  close(): void {
    this.#table.close();
  }
}
