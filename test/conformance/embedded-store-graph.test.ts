import { openEmbeddedStore } from "./embedded-store-harness.ts";
import { describeReembeddingStore, describeStoreWithIndex } from "./store-conformance.ts";

/** So small that nearly every vector goes through the graph. */
const fewForGraph = { flatLimit: 4, tailLimit: 12, slice: 3, walkShare: Infinity };
describeStoreWithIndex("The embedded store with a graph", () => openEmbeddedStore(fewForGraph));
describeReembeddingStore("The embedded store with a graph", () => openEmbeddedStore(fewForGraph));
