import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../server/free-port.ts";
import { endingProcess } from "../server/endings.ts";
import { eventually } from "../waiting.ts";

const run = promisify(execFile);
const page = new URL("../../../docs/proxies.md", import.meta.url);

export type ProxyName = "nginx" | "haproxy";

/** Where the program is, if it is installed; Debian has nginx outside of most people's `PATH`. */
export const pathOf = (name: ProxyName): Promise<string | undefined> =>
  run("which", [name], { env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` } }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );

export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
}

/** The page's configuration of the proxy, in front of a server, with the time-outs that are given. */
export async function startProxy(
  name: ProxyName,
  directory: string,
  server: URL,
  timeout: string,
): Promise<RunningProxy> {
  const port = await freePort();
  const at = (file: string) => join(directory, file);
  await mkdir(directory, { recursive: true });
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", at("proxy.key")];
  await run("openssl", ["req", "-x509", "-days", "2", ...key, "-out", at("proxy.crt"), "-subj", "/CN=localhost"]);
  const parts = await Promise.all([readFile(at("proxy.crt"), "utf8"), readFile(at("proxy.key"), "utf8")]);
  await writeFile(at("proxy.pem"), parts.join(""));
  const text = (await block(name))
    .replaceAll("127.0.0.1:8000", server.host)
    .replaceAll("/etc/ssl/search.example.com", at("proxy"))
    .replaceAll("75s", timeout)
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace("bind :443", `bind 127.0.0.1:${port}`);
  await writeFile(at(`${name}.conf`), name === "nginx" ? inNginx(text, directory) : text);
  const command = (await pathOf(name)) ?? name;
  const args = name === "nginx" ? ["-p", directory, "-c", at("nginx.conf")] : ["-db", "-f", at("haproxy.conf")];
  const child = endingProcess(spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] }));
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const exited = once(child, "exit");
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(errors);
      await reach(port);
    },
    { within: 20_000 },
  );
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function block(name: ProxyName): Promise<string> {
  const found = new RegExp(`^\`\`\`${name}\n([\\s\\S]*?)^\`\`\``, "m").exec(await readFile(page, "utf8"));
  if (found?.[1] === undefined) throw new Error(`The page has no block for ${name}`);
  return found[1];
}

/** What stands around a site in Debian's own configuration, with places of its own for files. */
function inNginx(site: string, directory: string): string {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  return `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr error;
events { worker_connections 256; }
http { access_log off; ${paths.join(" ")} ${site} }`;
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}
