import { rm, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateText, isStepCount, type ToolSet } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { arrwdbTools } from "arrwdb-ai-sdk";
import { ArrwClient, type LibraryHandle } from "arrwdb-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Reader, readPages } from "../support/pages/pages.ts";
import { startServer, temporaryDirectory, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let client: ArrwClient;
let library: LibraryHandle;

beforeAll(async () => {
  server = await startServer();
  client = new ArrwClient({ url: server.url });
});
afterAll(async () => {
  client.close();
  await server.stop();
});
beforeEach(async () => {
  library = client.library((await client.libraries.create({ name: "Manuals" })).id);
  await library.add({ title: "Kettle", text: "Descale the kettle with vinegar once a month.", user: "ada" });
  await library.add({ title: "Toaster", text: "Empty the tray for crumbs every week.", user: "ben" });
});

type Answer = Awaited<ReturnType<MockLanguageModelV4["doGenerate"]>>;

const usage: Answer["usage"] = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const calls = (toolName: string, input: unknown): Answer => ({
  content: [{ type: "tool-call", toolCallId: `call-${toolName}`, toolName, input: JSON.stringify(input) }],
  finishReason: { unified: "tool-calls", raw: undefined },
  usage,
  warnings: [],
});
const says = (text: string): Answer => ({
  content: [{ type: "text", text }],
  finishReason: { unified: "stop", raw: undefined },
  usage,
  warnings: [],
});

/** A model that answers as it is told, one step after the other. */
async function ask(tools: ToolSet, ...steps: readonly Answer[]) {
  const rest = [...steps];
  const model = new MockLanguageModelV4({ doGenerate: async () => rest.shift() ?? says("done") });
  const result = await generateText({ model, tools, stopWhen: isStepCount(steps.length + 1), prompt: "Help me." });
  return { result, prompts: model.doGenerateCalls.map(({ prompt }) => JSON.stringify(prompt)), model };
}

describe("The tools for the AI SDK", () => {
  it("are told to the model with their schemas", async () => {
    const { model } = await ask(arrwdbTools({ library, about: "manuals", k: 7 }));
    expect(model.doGenerateCalls[0]?.tools).toMatchObject([
      {
        name: "search",
        description: expect.stringContaining("a library with manuals"),
        inputSchema: { required: ["query"], properties: { k: { maximum: 20 } } },
      },
      { name: "add", inputSchema: { required: ["title", "texts"] } },
    ]);
  });

  it("search the library, and show the model what was found", async () => {
    const { result, prompts } = await ask(arrwdbTools({ library, k: 1 }), calls("search", { query: "limescale" }));
    expect(result.text).toBe("done");
    expect(result.steps[0]?.toolResults).toMatchObject([
      { output: { position: 3, hits: [{ title: "Kettle", rank: 1, distance: expect.any(Number) }] } },
    ]);
    expect(prompts[1]).toMatch(/1\. Kettle \([0-9a-f-]{36}\)\\nDescale the kettle/);
    expect(prompts[1]).not.toContain("Toaster");
  });

  it("add a document that the next search finds", async () => {
    const { result } = await ask(
      arrwdbTools({ library, metadata: { user: "eve" }, filter: { user: "eve" } }),
      calls("add", { title: "Iron", texts: ["Let the iron cool before you put it away."] }),
      calls("search", { query: "hot iron" }),
    );
    const [added, found] = result.steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
    expect(added).toMatchObject({ title: "Iron", num_chunks: 1, position: 4 });
    expect(found).toMatchObject({ hits: [{ title: "Iron" }] });
    expect(found).not.toHaveProperty("hits.1");
  });

  it("keep to the filter, and cut long passages", async () => {
    await library.add({ title: "Long", text: "Kettles and kettles. ".repeat(100), user: "ada" });
    const tools = arrwdbTools({ library, filter: { user: "ada" }, passageCharacters: 100 });
    const { result } = await ask(tools, calls("search", { query: "kettles and toasters", k: 20 }));
    const { hits }: { hits: { title: string; text: string }[] } = Object(result.steps[0]?.toolResults[0]?.output);
    expect(hits.map(({ title }) => title).toSorted()).toEqual(["Kettle", "Long"]);
    expect(Math.max(...hits.map(({ text }) => text.length))).toBe(101);
  });

  it("tell the model what went wrong", async () => {
    await client.libraries.delete(library.id);
    const { prompts, result } = await ask({ search: arrwdbTools({ library }).search }, calls("search", { query: "x" }));
    expect(result.steps[0]?.content).toMatchObject([
      { type: "tool-call" },
      { type: "tool-error", error: { code: "library_not_found" } },
    ]);
    expect(prompts[1]).toContain("library");
  });
});

/** What answers in place of a model on the reader's machine: it calls `search`, then repeats what it was shown. */
function startModel(): Promise<Server> {
  const listening = Promise.withResolvers<Server>();
  const model = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { messages }: { messages: { role: string; content: string }[] } = JSON.parse(
        Buffer.concat(parts).toString(),
      );
      const shown = messages.find(({ role }) => role === "tool");
      const call = { id: "1", type: "function", function: { name: "search", arguments: '{"query": "descale"}' } };
      const message = shown === undefined ? { tool_calls: [call] } : { content: shown.content };
      const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", ...message } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "1", created: 1, model: "qwen3", choices: [choice] }));
    });
  });
  model.listen(0, "127.0.0.1", () => listening.resolve(model));
  return listening.promise;
}

describe("The page of the tools", () => {
  it("has programs that run", async () => {
    const [page] = await readPages("integrations/ai-sdk/README.md");
    const directory = await temporaryDirectory();
    await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(directory, "node_modules"));
    const model = await startModel();
    const address = model.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const reader = new Reader(directory, server.url);
    const programs = page?.blocks.filter(({ language }) => language === "javascript") ?? [];
    const printed: string[] = [];
    for (const block of programs) {
      const text = block.text.replaceAll("localhost:11434", `localhost:${port}`);
      printed.push(await reader.run({ ...block, text }));
    }
    const [asked = "", told = ""] = printed;
    expect(asked).toContain("Descale the kettle with vinegar once a month.");
    expect(told.trim()).toBe(programs[1]?.output?.trim());
    model.close();
    await rm(directory, { recursive: true, force: true });
  });
});
