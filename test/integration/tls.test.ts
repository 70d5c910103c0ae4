import { execFile } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { once } from "node:events";
import { join } from "node:path";
import { connect as connectPlainly } from "node:net";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, bearer } from "../support/server/access.ts";
import { runCommand } from "../support/server/command.ts";
import { startServer, temporaryDirectory } from "../support/server/test-server.ts";
import { type ServerProcess, spawnServer } from "../support/server/server-process.ts";
import { TestSocket } from "../support/peers/test-socket.ts";
import { eventually, within } from "../support/waiting.ts";

const run = promisify(execFile);

let directory: string;
let server: ServerProcess;
const at = (name: string) => join(directory, name);

/** A certificate that signs itself, as two files. */
async function makeCertificate(name: string): Promise<void> {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at(`${name}.key`)];
  await run("openssl", ["req", "-x509", "-days", "2", ...key, "-out", at(`${name}.crt`), ...subject]);
}

const install = (name: string) =>
  Promise.all([cp(at(`${name}.key`), at("now.key")), cp(at(`${name}.crt`), at("now.crt"))]);

/** The certificate that a new connection is shown, as PEM without its frame. */
async function shown(): Promise<string> {
  const { port } = new URL(server.url);
  const socket = connect({ port: Number(port), host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString("base64");
}
const stored = async (name: string) =>
  (await readFile(at(`${name}.crt`), "utf8")).replaceAll(/-----[^-]+-----|\s/g, "");

beforeAll(async () => {
  directory = await temporaryDirectory();
  await Promise.all(["first", "second", "third"].map(makeCertificate));
  await install("first");
  server = await spawnServer(at("data"), {
    ARRWDB_TLS_CERT: at("now.crt"),
    ARRWDB_TLS_KEY: at("now.key"),
    ARRWDB_ADMIN_KEY: adminKey,
  });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

describe("arrwdb and a server with a certificate of one's own", () => {
  const list = (...options: readonly string[]) =>
    runCommand(["libraries", "list", ...options], { url: server.url, environment: { ARRWDB_API_KEY: adminKey } });

  it("trust each other with --cacert, and otherwise name the remedies", async () => {
    expect(await list("--cacert", at("first.crt"))).toMatchObject({ code: 0, errors: "" });
    const { code, errors } = await list();
    expect(code).toBe(4);
    expect(errors).toContain("NODE_EXTRA_CA_CERTS=");
    expect(errors).toContain("--cacert");
    expect((await list("--cacert", at("second.crt"))).code).toBe(4);
  });

  it("need a file of certificates", async () => {
    for (const file of [at("nothing.crt"), at("first.key")]) {
      expect(await list("--cacert", file)).toMatchObject({ code: 2, errors: expect.stringContaining("PEM") });
    }
  });
});

describe("A server with a certificate", () => {
  it("speaks HTTPS and secure WebSocket, which a client checks, and nothing else", async () => {
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    const ca = await readFile(at("first.crt"));
    const request = get(`${server.url}/v1/libraries`, { ca, headers: bearer(adminKey) });
    const [response] = await once(request, "response");
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(response.headers["strict-transport-security"]).toContain("max-age");
    const address = `${server.url.replace("https", "wss")}/v1/libraries/0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d/ws`;
    const socket = await TestSocket.open(address, bearer(adminKey), [], { ca });
    expect(await socket.closed).toMatchObject({ code: 4404 });
    await expect(fetch(server.url.replace("https", "http"))).rejects.toThrow("fetch failed");
  });

  it("shows a new certificate after SIGHUP, to new connections alone", async () => {
    expect(await shown()).toBe(await stored("first"));
    await install("second");
    server.process.kill("SIGHUP");
    const renewed = await stored("second");
    await eventually(async () => (await shown()) === renewed);
  });

  it("keeps the one before where the new one is of no use, and says so", async () => {
    const before = await shown();
    const errors = () => server.output().split("cannot be used; keeping the previous one").length;
    const count = errors();
    await writeFile(at("now.crt"), "rubbish");
    server.process.kill("SIGHUP");
    await eventually(() => errors() > count);
    expect(await shown()).toBe(before);
  });

  it("sees by itself that the files have changed", async () => {
    await install("third");
    const renewed = await stored("third");
    await eventually(async () => (await shown()) === renewed);
    expect(server.output()).toContain("certificate reloaded");
  });

  it("stops without waiting for connections on which nothing was asked, before and after the handshake", async () => {
    const other = await startServer({
      ARRWDB_TLS_CERT: at("now.crt"),
      ARRWDB_TLS_KEY: at("now.key"),
      ARRWDB_ADMIN_KEY: adminKey,
    });
    const { port } = new URL(other.url);
    const silent = connectPlainly(Number(port), "127.0.0.1");
    const greeted = connect({ port: Number(port), host: "127.0.0.1", rejectUnauthorized: false });
    const ended = [silent, greeted].map((socket) => once(socket.resume(), "close"));
    await Promise.all([once(silent, "connect"), once(greeted, "secureConnect")]);
    await within(other.server.drain(1_000_000), "the connections to be closed");
    expect(await Promise.all(ended)).toHaveLength(2);
    await other.stop();
  });
});
