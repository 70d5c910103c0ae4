import { openEmbeddedStore } from "./embedded-store-harness.ts";
import { describeReembeddingStore, describeStore } from "./store-conformance.ts";

describeStore("The embedded store", () => openEmbeddedStore());
describeReembeddingStore("The embedded store", () => openEmbeddedStore());
