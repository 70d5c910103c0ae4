import { defaultEventSettings } from "@arrwdb/protocol/documents/model";
import { rm } from "node:fs/promises";
import { EmbeddedStore } from "../../../server/src/store/embedded/embedded-store.ts";
import { dimension, newChunk, newDocument } from "../../conformance/store-fixture.ts";
import { temporaryDirectory } from "../server/test-server.ts";

export interface CommonWords {
  readonly store: EmbeddedStore;
  readonly id: string;
  /** Closes the store, if that was not done, and removes its data. */
  readonly end: () => Promise<void>;
}

/** A library of 2,000 chunks that all have the word "common": a search for it takes long. */
export async function openCommonWords(): Promise<CommonWords> {
  const directory = await temporaryDirectory();
  const store = await EmbeddedStore.open({ directory });
  const settings = { name: "L", description: null, embeddingModel: "none", events: defaultEventSettings };
  const { id } = await store.libraries.create({ ...settings, dimension });
  const chunks = Array.from({ length: 100 }, (_each, number) => newChunk({ text: `common word ${number}` }));
  await store.documents.write(
    id,
    Array.from({ length: 20 }, () => newDocument({ chunks })),
  );
  const end = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return { store, id, end };
}
