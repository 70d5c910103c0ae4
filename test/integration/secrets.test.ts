import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { adminKey, bearer, createKey, createLibraryWith, revokeKey } from "../support/server/access.ts";
import { post, temporaryDirectory } from "../support/server/test-server.ts";
import { spawnServer } from "../support/server/server-process.ts";

/** Stands in for a provider on the internet. */
async function startRefusingProvider() {
  const keys: string[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization ?? "");
    response.writeHead(401, { "content-type": "application/json" }).end('{"error":{"message":"No such key"}}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/v1`, keys, stop: () => server.close() };
}

it("writes no secret to its log or into an answer, whatever is done with one", async () => {
  const directory = await temporaryDirectory();
  const providerKey = "sk-of-the-provider-0123456789";
  // It refuses every call, which is logged.
  const provider = await startRefusingProvider();
  const server = await spawnServer(directory, {
    ARRWDB_ADMIN_KEY: adminKey,
    LOG_LEVEL: "trace",
    ARRWDB_EMBEDDING: "openai-compatible:model",
    ARRWDB_EMBEDDING_DIMENSION: "4",
    ARRWDB_EMBEDDING_BASE_URL: provider.url,
    OPENAI_API_KEY: providerKey,
  });
  const { id, key } = await createKey(server.url, { scope: "admin" });
  const wrong = "a-wrong-key-that-somebody-typed";
  const library = await createLibraryWith(server.url, key);
  const answers: string[] = [];
  const visit = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, init);
    answers.push(JSON.stringify([...response.headers]), await response.text());
    return response;
  };
  for (const secret of [key, wrong, adminKey]) {
    await visit("/v1/libraries", { headers: bearer(secret) });
    await visit("/v1/keys", { headers: bearer(secret) });
    await visit("/v1/audit", { headers: bearer(secret) });
    await visit("/v1/libraries", { headers: { authorization: secret } });
    await visit("/v1/libraries", { headers: { cookie: `arrwdb_session=${secret}` } });
    await visit(`/v1/libraries?key=${secret}`);
    await visit(`/%zz?key=${secret}`);
    await visit(`/v1/nothing?key=${secret}`, { headers: bearer(secret) });
    await visit("/v1/browser-session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: secret }),
    });
    for (const address of [`/v1/libraries/${library}/ws`, `/v1/elsewhere/ws?key=${secret}`]) {
      const protocols = ["arrwdb", `arrwdb.key.${secret}`];
      const socket = new WebSocket(`${server.url.replace("http", "ws")}${address}`, protocols);
      socket.on("open", () =>
        socket.send(JSON.stringify({ request_id: "a", action: "search", data: { key: secret } })),
      );
      socket.on("message", (data: Buffer) => {
        answers.push(data.toString());
        socket.close();
      });
      socket.on("error", () => undefined);
      const closed = Promise.withResolvers<string>();
      socket.on("close", (_code, reason) => closed.resolve(reason.toString()));
      answers.push(await closed.promise, socket.protocol);
    }
  }
  const texts = await post(`${server.url}/v1/libraries`, { name: "texts" }, bearer(key));
  const path = `${server.url}${texts.headers.get("location")}`;
  answers.push(await (await post(`${path}/documents`, { title: "T", text: "x" }, bearer(key))).text());
  answers.push(await (await post(`${path}/search`, { query: "x" }, bearer(key))).text());
  await revokeKey(server.url, id);
  await server.stop();
  provider.stop();
  expect(provider.keys).toContain(`Bearer ${providerKey}`);

  const log = server.output();
  // The log is there, and says what went on.
  expect(log).toContain("request rejected");
  expect(log.split("\n").length).toBeGreaterThan(20);
  const said = answers.join("\n");
  const sessions = answers.flatMap((answer) => /arrwdb_session=([\w-]{43})/.exec(answer)?.[1] ?? []);
  expect(sessions).toHaveLength(2);
  for (const secret of [key, key.slice(-43), wrong, adminKey, providerKey, ...sessions])
    expect(log).not.toContain(secret);
  for (const secret of [key.slice(-43), wrong, adminKey, providerKey]) expect(said).not.toContain(secret);
  await rm(directory, { recursive: true });
});
