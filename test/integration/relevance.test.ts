import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readCollection } from "../../bench/relevance/collection.ts";
import { measureRelevance } from "../../bench/relevance/measure.ts";
import { extent } from "../support/suite/extent.ts";
import { startServer, type TestServer } from "../support/server/test-server.ts";
import { because } from "../support/skipping.ts";

/** A collection with people's judgements lies beside the project on some machines only. */
const directory = fileURLToPath(new URL("../../../shared/data/cranfield", import.meta.url));
const missing = existsSync(directory) ? undefined : "../shared/data/cranfield is not here";
const questionsTaken = extent(8, 60);
/** Documents that answer none of these questions, so that finding is not too easy. */
const others = extent(20, 100);

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it.skipIf(missing !== undefined)(
  `ranks better by words and vectors together than by either alone${because(missing)}`,
  async () => {
    const whole = await readCollection(directory);
    const questions = whole.questions.slice(0, questionsTaken);
    const answering = new Set(questions.flatMap(({ id }) => [...(whole.judgements.get(id)?.keys() ?? [])]));
    const rest = whole.documents.filter(({ id }) => !answering.has(id)).slice(0, others);
    const documents = [...whole.documents.filter(({ id }) => answering.has(id)), ...rest];
    const { means, ratio } = await measureRelevance(server.url, { ...whole, documents, questions });
    expect(means.vector).toBeGreaterThan(0.1);
    expect(means.text).toBeGreaterThan(0.3);
    expect(ratio).toBeGreaterThan(1);
  },
  300_000,
);
