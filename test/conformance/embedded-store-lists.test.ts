import { openEmbeddedStore } from "./embedded-store-harness.ts";
import { describeReembeddingStore, describeStoreWithIndex } from "./store-conformance.ts";

/** So small that nearly every vector goes through lists, which are made anew again and again. */
const fewForLists = { flatLimit: 4, tailLimit: 12, slice: 1, trainAt: 8, listSize: 3, walkShare: Infinity };
const lists = { type: "ivf", nlist: null, nprobe: null } as const;
describeStoreWithIndex("The embedded store with lists", () => openEmbeddedStore(fewForLists, lists));
describeReembeddingStore("The embedded store with lists", () => openEmbeddedStore(fewForLists, lists));
