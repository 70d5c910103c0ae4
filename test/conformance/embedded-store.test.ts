import { openEmbeddedStore } from "./embedded-store-harness.ts";
import { describeStore } from "./store-conformance.ts";

describeStore("The embedded store", () => openEmbeddedStore());
