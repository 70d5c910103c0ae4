import { webhook, webhookDelivery, webhookWithSecret } from "@arrwdb/protocol/events/webhooks";
import { library } from "@arrwdb/protocol/documents/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebhookReceiver } from "../support/peers/webhook-receiver.ts";
import { runCommand, runInShell } from "../support/server/command.ts";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;
let receiver: WebhookReceiver;
let id: string;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  server = await startServer({ ARRWDB_WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" });
  ({ id } = await createVectorLibrary(server.url));
});
afterAll(async () => {
  await server.stop();
  await receiver.down();
});

const run = (...args: readonly string[]) => runCommand(args, { url: server.url });
const valueOf = async (...args: readonly string[]) => {
  const { output, errors } = await run(...args, "--json");
  expect(errors).toBe("");
  return JSON.parse(output);
};

describe("arrwdb webhooks", () => {
  it("creates, lists, calls, pauses, resumes, sends again, and deletes", async () => {
    const made = await valueOf("webhooks", "create", id, receiver.url, "--events", "document.added,library.created");
    const created = webhookWithSecret.parse(made);
    expect(created.events).toEqual(["document.added", "library.created"]);
    const name = [id, created.id] as const;
    expect((await run("webhooks", "list", id)).output).toMatch(new RegExp(`${created.id} +${receiver.url} +active`));
    expect((await run("webhooks", "ping", ...name)).output).toMatch(/^delivered: status 204 in \d+ ms\n$/);
    expect(webhook.parse(await valueOf("webhooks", "update", ...name, "--pause")).status).toBe("paused");
    expect((await run("webhooks", "update", ...name, "--resume")).output).toContain("is active");
    await run("webhooks", "redeliver", ...name, "--from", "0");
    await receiver.until((calls) => calls.some(({ event }) => event.type === "library.created"));
    const latest = await valueOf("webhooks", "deliveries", ...name, "--limit", "1");
    expect(webhookDelivery.parse(latest)).toMatchObject({ delivered: true });
    const rotated = await run("webhooks", "rotate", ...name, "--overlap", "0");
    expect(rotated.output).toMatch(/^whsec_\S+\n$/);
    expect(rotated.output.trim()).not.toBe(created.secret);
    expect((await run("webhooks", "delete", ...name)).code).toBe(0);
    expect((await run("webhooks", "list", id)).output).toBe("The library has no webhooks.\n");
  });

  it("fails where the call does", async () => {
    const { id: hook } = webhookWithSecret.parse(await valueOf("webhooks", "create", id, "http://127.0.0.1:1/hook"));
    const { code, output } = await run("webhooks", "ping", id, hook);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^failed: .+/) });
  });

  it.each([
    [["create", "LIBRARY", "nowhere"], "url: must be a URL"],
    [["update", "LIBRARY", "x", "--pause", "--resume"], "cannot be used with"],
    [["update", "LIBRARY", "x"], "give one or more of"],
  ])("that are asked for wrongly (%j) are refused", async (args, message) => {
    const given = args.map((word) => (word === "LIBRARY" ? id : word));
    expect(await run("webhooks", ...given)).toMatchObject({ code: 2, errors: expect.stringContaining(message) });
  });
});

describe("arrwdb libraries update", () => {
  it("changes what it is told to, and nothing else", async () => {
    const before = library.parse(await valueOf("libraries", "show", id));
    const changes = ["--name", "Numbers", "--index", "flat", "--keep-events", "9", "--keep-events-for", "none"];
    const after = library.parse(await valueOf("libraries", "update", id, ...changes, "--search-events"));
    const events = { max_age_seconds: null, max_count: 9, search_performed: true };
    expect(after).toEqual({ ...before, name: "Numbers", index: { type: "flat" }, events, seq: before.seq + 1 });
    const index = library.parse(await valueOf("libraries", "update", id, "--index", '{"type": "hnsw", "m": 8}')).index;
    expect(index).toMatchObject({ type: "hnsw", m: 8 });
  });

  it.each([
    [[], "give one or more of"],
    [["--index", "{"], "It must be a type such as hnsw"],
    [["--keep-events", "0"], "whole number from 1"],
  ])("that is asked for wrongly (%j) is refused", async (options, message) => {
    const refused = await run("libraries", "update", id, ...options);
    expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining(message) });
  });
});

describe("arrwdb completion", () => {
  it("prints a script that the shell understands", async () => {
    expect(await runInShell("arrwdb completion bash | bash -n && arrwdb completion fish")).toMatchObject({
      code: 0,
      output: expect.stringContaining("complete -c arrwdb"),
    });
  });

  /** What is offered for a command line that ends in these words. */
  const offered = async (...words: readonly string[]) => {
    const lines = (await run("complete", "--", ...words)).output.trimEnd().split("\n");
    return lines.map((line) => line.split("\t")[0]);
  };

  it("offers commands, options and choices, and leaves paths to the shell", async () => {
    expect(await offered("li")).toEqual(["libraries", ":4"]);
    expect(await offered("webhooks", "re")).toEqual(["redeliver", ":4"]);
    expect(await offered("search", "x", "y", "--mo")).toEqual(["--mode", ":4"]);
    expect(await offered("keys", "create", "--scope", "")).toEqual(["read", "write", "admin", ":4"]);
    for (const words of [
      ["ingest", "x", ""],
      ["search", "x", "y", "--cacert", ""],
      ["backup", "/va"],
    ]) {
      expect(await offered(...words)).toEqual([":0"]);
    }
  });
});
