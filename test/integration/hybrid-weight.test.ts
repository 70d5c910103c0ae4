import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { createLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const found = z.object({ results: z.array(z.object({ score: z.number() })) });

async function scores(url: string, search: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
  const answer = await post(`${url}/search`, { mode: "hybrid", query: "cat nap", k: 3, ...search });
  return found.parse(await answer.json()).results.map(({ score }) => score);
}

it.for([
  ["the built-in model", {}, 0.15, undefined],
  ["no model", { embedding_model: "none", dimension: 2 }, 0.5, [0.2, 1]],
] as const)(
  "A hybrid search of a library with %s has the weight that is best for it",
  async ([, model, weight, asked]) => {
    const { id } = await createLibrary(server.url, model);
    const url = `${server.url}/v1/libraries/${id}`;
    const embeddings = [
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const chunks = ["the cat sleeps", "a dog barks at the cat", "kittens nap"].map((text, index) =>
      asked === undefined ? { text } : { text, embedding: embeddings[index] },
    );
    await post(`${url}/documents`, { title: "Animals", chunks });
    const embedding = asked === undefined ? {} : { embedding: asked };
    const usual = await scores(url, embedding);
    expect(usual).toHaveLength(3);
    expect(usual).toEqual(await scores(url, { ...embedding, vector_weight: weight }));
    expect(usual).not.toEqual(await scores(url, { ...embedding, vector_weight: 0.3 }));
  },
);
