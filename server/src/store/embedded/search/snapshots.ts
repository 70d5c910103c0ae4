import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { LibraryRow } from "../libraries-table.ts";
import { CodeRows } from "./code-rows.ts";
import { Graph, graphFormat } from "./graph.ts";
import { type GraphContent, HnswIndex } from "./hnsw-index.ts";
import type { GraphShape } from "./native.ts";
import { SnapshotFiles, type SavedFile } from "./snapshot-files.ts";
import { SnapshotsTable } from "./snapshots-table.ts";
import type { VectorSource } from "./vector-index.ts";

const keyBytes = 8;

/** Graphs on the disk. They can cost time where they are of no use, and nothing else. */
export class Snapshots {
  readonly #files: SnapshotFiles;
  readonly #table: SnapshotsTable;
  readonly #slice: number;

  constructor(directory: string, slice: number) {
    this.#files = new SnapshotFiles(directory);
    this.#table = new SnapshotsTable(this.#files.directory);
    this.#slice = slice;
    this.#files.keepOnly(this.#table.files());
  }

  save({ key, library }: LibraryRow, index: HnswIndex): void {
    const name = `${library.id}-${Date.now().toString(36)}`;
    const { codes, widest } = index.content();
    const snapshot = {
      format: graphFormat(index.shape),
      size: codes.size,
      widest,
      graph: this.#files.save(`${name}.usearch`, (path) => index.saveGraph(path)),
      codes: this.#files.save(`${name}.codes`, (path) => writeCodes(path, codes)),
    };
    this.#table.put(key, snapshot);
    index.saved();
    this.#files.keepOnly(this.#table.files());
  }

  /** The saved index of a library, or undefined where none was saved. @throws where it is not what was saved */
  load(row: LibraryRow, shape: GraphShape, source: VectorSource): HnswIndex | undefined {
    const snapshot = this.#table.find(row.key);
    if (snapshot === undefined) return undefined;
    if (snapshot.format !== graphFormat(shape)) throw new Error(`it was made as ${snapshot.format}`);
    // The native loader trusts its file, so it sees only one that is what was saved.
    this.#check(snapshot.graph);
    this.#check(snapshot.codes);
    const graph = new Graph(shape);
    graph.load(this.#files.path(snapshot.graph.file));
    if (graph.size !== snapshot.size) throw new Error(`it holds ${graph.size} vectors instead of ${snapshot.size}`);
    const codes = readCodes(this.#files.path(snapshot.codes.file), shape.dimension, snapshot.size);
    const content: GraphContent = { codes, widest: snapshot.widest };
    return new HnswIndex(graph, source, this.#slice, content);
  }

  remove(library: number): void {
    this.#table.remove(library);
    this.#files.keepOnly(this.#table.files());
  }

  close(): void {
    this.#table.close();
  }

  #check({ file, size, checksum }: SavedFile): void {
    const found = this.#files.measure(file);
    if (found.size !== size || found.checksum !== checksum) throw new Error(`${file} is not what was saved`);
  }
}

function writeCodes(path: string, codes: CodeRows): void {
  const descriptor = openSync(path, "w");
  try {
    const keys = BigUint64Array.from(codes.keys(), BigInt);
    writeAll(descriptor, new Uint8Array(keys.buffer));
    for (const block of codes.blocks()) writeAll(descriptor, block);
  } finally {
    closeSync(descriptor);
  }
}

function readCodes(path: string, dimension: number, size: number): CodeRows {
  const descriptor = openSync(path, "r");
  try {
    const keys = new BigUint64Array(size);
    readAll(descriptor, new Uint8Array(keys.buffer));
    const codes = new CodeRows(dimension);
    codes.restore(Array.from(keys, Number), (block) => readAll(descriptor, block));
    if (keys.byteLength !== size * keyBytes || codes.size !== size) throw new Error(`${path} is not whole`);
    return codes;
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array | Int8Array): void {
  for (let from = 0; from < bytes.length;) from += writeSync(descriptor, bytes, from, bytes.length - from);
}

function readAll(descriptor: number, bytes: Uint8Array | Int8Array): void {
  for (let from = 0; from < bytes.length;) {
    const read = readSync(descriptor, bytes, from, bytes.length - from, null);
    if (read === 0) throw new Error("The file ends too early");
    from += read;
  }
}
