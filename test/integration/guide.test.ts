import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { blockWith, guideBlocks, noGuide, python, runPython } from "../support/pages/guide.ts";
import { pythonMissing } from "../support/pages/pages.ts";
import { endingProcess } from "../support/server/endings.ts";
import { createLibrary, post, startServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { describeUnless } from "../support/skipping.ts";

const withoutPython = await pythonMissing();

describeUnless(noGuide, "The guide's programs", () => {
  let server: TestServer;
  let libraryId: string;
  let blocks: {
    readonly python: readonly string[];
    readonly javascript: readonly string[];
    readonly json: readonly string[];
    readonly bash: readonly string[];
  };

  beforeAll(async () => {
    server = await startServer();
    blocks = {
      python: await guideBlocks("python"),
      javascript: await guideBlocks("javascript"),
      json: await guideBlocks("json"),
      bash: await guideBlocks("bash"),
    };
  });
  afterAll(() => server.stop());

  /** The program, with the address and the library of this test in place of the guide's. */
  const here = (code: string, id = libraryId) =>
    code
      .replaceAll("localhost:8000", new URL(server.url).host)
      .replaceAll("your-library-id", id)
      .replaceAll("{library_id}", code.includes('f"') ? "{library_id}" : id);

  beforeAll(async () => {
    libraryId = (await createLibrary(server.url, { name: "guide" })).id;
  });

  describeUnless(withoutPython, "in Python", () => {
    it("upload documents and count them", async () => {
      const output = await runPython(here(blockWith(blocks.python, "def stream_documents")));
      expect(output).toContain("Successfully uploaded: 3/3 documents");
    });

    it("search and print rank, text and distance", async () => {
      const output = await runPython(
        here(
          blockWith(blocks.python, "def streaming_search").replace("distance_threshold=0.6", "distance_threshold=2"),
        ),
      );
      expect(output).toMatch(/Rank 1: Content \d\.\.\. \(distance: \d\.\d{3}\)/);
    });

    it("connect, search and print hits over the WebSocket", async () => {
      const output = await runPython(here(blockWith(blocks.python, "async def websocket_client")));
      expect(output).toContain("Received 3 results");
      expect(output).toMatch(/- Content \d\.\.\. \(distance: \d\.\d{3}\)/);
    });

    it("monitor a library and print each event's type", async () => {
      const program = blockWith(blocks.python, "async def monitor_library");
      const code = `import asyncio, json, websockets\ndef handle_event(event):\n    print(json.dumps(event), flush=True)\n${program}\nasyncio.run(monitor_library("your-library-id"))`;
      const monitor = endingProcess(spawn(python, ["-u", "-c", here(code)], { stdio: ["ignore", "pipe", "inherit"] }));
      const lines = createInterface(monitor.stdout)[Symbol.asyncIterator]();
      const next = async () => String((await lines.next()).value);
      expect(await next()).toBe("Event received: response");
      expect(JSON.parse(await next())).toMatchObject({ request_id: "subscribe-1", success: true, error: null });
      const added = await post(`${server.url}/v1/libraries/${libraryId}/documents`, {
        title: "Watched",
        texts: ["something new"],
      });
      const location = added.headers.get("location") ?? "";
      expect(await next()).toBe("Event received: document.added");
      expect(JSON.parse(await next())).toMatchObject({ type: "document.added", data: { title: "Watched" } });
      await fetch(`${server.url}${location}`, { method: "DELETE" });
      expect(await next()).toBe("Event received: document.deleted");
      monitor.kill();
      await once(monitor, "exit");
    });

    it("tell partial failures line by line", async () => {
      const upload = blockWith(blocks.python, "def stream_documents").split("# Example usage")[0] ?? "";
      const report = blockWith(blocks.python, "documents failed to upload");
      const output = await runPython(
        here(
          `${upload}\nlibrary_id = "your-library-id"\ndocuments = [{"title": "Good", "texts": ["fine"]}, {"title": "Bad"}]\n${report}`,
        ),
      );
      expect(output).toContain("1 documents failed to upload");
      expect(output).toMatch(/Failed: texts: .*required/);
    });

    it("handle HTTP errors by status", async () => {
      const handling = blockWith(blocks.python, "response.raise_for_status()");
      const url = `${server.url}/v1/libraries/00000000-0000-7000-8000-000000000000/documents/stream`;
      const output = await runPython(
        `import requests\nurl = "${url}"\nndjson_data = '{"title": "x", "texts": ["y"]}'\n${handling}`,
      );
      expect(output).toContain("HTTP error: 404");
    });

    it("validate NDJSON, and reuse a session with retries", async () => {
      const validation = blockWith(blocks.python, "def validate_ndjson");
      const session = blockWith(blocks.python, "def create_session").replace("requests.packages.urllib3", "urllib3");
      const code = `import json\n${validation}\nvalidate_ndjson('{"a": 1}')\n${session}\nprint(create_session().get("${server.url}/health").json())`;
      expect(await runPython(code)).toContain("{'status': 'ok'}");
    });
  });

  describe("in JavaScript", () => {
    const sandbox = (extra: Readonly<Record<string, unknown>>) => {
      const logged: unknown[][] = [];
      const log = (...values: unknown[]) => void logged.push(values);
      return {
        logged,
        context: { WebSocket, console: { log, error: log }, setTimeout, clearTimeout, Date, Set, JSON, Math, ...extra },
      };
    };

    it("connect, and hand results on", async () => {
      const results = Promise.withResolvers<unknown>();
      const { context, logged } = sandbox({ handleResults: results.resolve, opened: Promise.withResolvers<void>() });
      const code = `${here(blockWith(blocks.javascript, "// Connect to library WebSocket"))}\nws.addEventListener("open", () => ws.send(JSON.stringify({request_id: "1", action: "search", data: {query_text: "content", k: 2}})));\nws`;
      const socket: unknown = runInNewContext(code, context);
      expect(await results.promise).toMatchObject({
        results: [{ id: expect.any(String), text: expect.any(String), distance: expect.any(Number) }, {}],
      });
      expect(logged[0]).toEqual(["WebSocket connected"]);
      if (socket instanceof WebSocket) socket.close();
    });

    it("search as one types, once for a burst of keys", async () => {
      const client = await TestSocket.open(`${server.socketUrl}/v1/libraries/${libraryId}/ws`);
      const typed = Promise.withResolvers<(event: unknown) => void>();
      const element = {
        addEventListener: (_type: string, listener: (event: unknown) => void) => typed.resolve(listener),
      };
      const { context } = sandbox({ ws: client.socket, document: { getElementById: () => element } });
      runInNewContext(blockWith(blocks.javascript, "handleSearchInput"), context);
      const type = await typed.promise;
      for (const value of ["c", "co", "content"]) type({ target: { value } });
      await client.waitForCount(1);
      expect(client.messages).toMatchObject([{ success: true, data: { results: expect.any(Array) } }]);
      await client.close();
    });

    it("search in a session, and get the results", async () => {
      const results = Promise.withResolvers<unknown>();
      const { context } = sandbox({ results: results.resolve });
      const code = `${here(blockWith(blocks.javascript, "class CollaborativeSearch"))}\nconst session = new CollaborativeSearch("${libraryId}", "team-1");\nsession.onResults(results);\nsession.ws.onopen = () => session.search("content");\nsession.ws`;
      const socket: unknown = runInNewContext(code, context);
      expect(await results.promise).toEqual(
        expect.arrayContaining([expect.objectContaining({ text: expect.any(String), metadata: expect.any(Object) })]),
      );
      if (socket instanceof WebSocket) socket.close();
    });

    it("come back by themselves after the server went away", async () => {
      const first = await startServer();
      const { id } = await createLibrary(first.url);
      const { context, logged } = sandbox({});
      const code = `${blockWith(blocks.javascript, "class ResilientWebSocket")}\nnew ResilientWebSocket("${first.socketUrl}/v1/libraries/${id}/ws")`;
      const client: { ws: WebSocket; reconnectDelay: number; connect: () => void } = runInNewContext(code, context);
      await once(client.ws, "open");
      const closed = once(client.ws, "close");
      await first.stop();
      expect((await closed)[0]).toBe(1001);
      expect(logged).toContainEqual(["Reconnecting in 1000ms..."]);
      client.connect = () => undefined;
    });
  });

  describe("with curl", () => {
    it("upload and search as shown, once the misplaced quote is mended", async () => {
      const { promisify } = await import("node:util");
      const { execFile } = await import("node:child_process");
      const bash = (code: string) => promisify(execFile)("bash", ["-euc", code], { cwd: server.directory });
      const { id } = await createLibrary(server.url);
      const upload = blockWith(blocks.bash, "--data-binary").replace(
        '"Content-Type": application',
        '"Content-Type: application',
      );
      await bash(blockWith(blocks.bash, "cat << EOF"));
      const uploaded: unknown = JSON.parse((await bash(`curl -s ${here(upload, id).replace("curl", "")}`)).stdout);
      const shape: { results: unknown[] } = JSON.parse(blockWith(blocks.json, "processing_time_ms"));
      expect(uploaded).toMatchObject({
        successful: 3,
        failed: 0,
        processing_time_ms: expect.any(Number),
        results: ["First", "Second", "Third"].map((title) => ({
          success: true,
          title: `${title} Document`,
          num_chunks: 1,
          document_id: expect.any(String),
        })),
      });
      expect(Object.keys(Object(uploaded))).toEqual(expect.arrayContaining(Object.keys(shape)));
      const search = here(blockWith(blocks.bash, "machine learning algorithms"), id).replace(
        '"distance_threshold": 0.5',
        '"distance_threshold": 2',
      );
      const found: unknown = JSON.parse((await bash(`curl -s ${search.replace("curl", "")}`)).stdout);
      expect(found).toMatchObject({
        total: 3,
        results: [1, 2, 3].map((rank) => ({
          rank,
          chunk_id: expect.any(String),
          document_id: expect.any(String),
          distance: expect.any(Number),
          text: expect.any(String),
          metadata: {
            created_at: expect.any(String),
            page_number: null,
            chunk_index: 0,
            source_document_id: expect.any(String),
          },
        })),
      });
    });
  });
});
