import fc from "fast-check";
import { testSeed } from "./extent.ts";

// What fails tells its counterexample, and runs again as it was with the same seed.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: testSeed });
