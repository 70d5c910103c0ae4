import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { ending, endingProcess } from "../server/endings.ts";
import { freePort } from "../server/free-port.ts";
import { eventually } from "../waiting.ts";

const run = promisify(execFile);

/** Where Debian installs each version's programs. */
const installed = "/usr/lib/postgresql";

/** The directory of the newest version's programs; undefined if PostgreSQL is not installed. */
async function programs(): Promise<string | undefined> {
  const versions = await readdir(installed).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .toSorted((a, b) => b - a)[0];
  return newest === undefined ? undefined : join(installed, String(newest), "bin");
}

/** Why there is no PostgreSQL here, or undefined where there is. */
export async function postgresMissing(): Promise<string | undefined> {
  return (await programs()) === undefined ? "PostgreSQL is not installed" : undefined;
}

/** The user that runs PostgreSQL, which refuses to run as root. */
async function ownUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run("id", [flag, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

/** A real PostgreSQL on a port and data of its own. */
export class PostgresServer {
  readonly port: number;
  readonly #directory: string;
  readonly #settings: readonly string[];
  #process: ReturnType<typeof spawn> | undefined;
  #databases = 0;

  /** @param settings such as `fsync=on`, besides those that make tests fast */
  static async start(...settings: readonly string[]): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), "arrwdb-postgres-"));
    const server = new PostgresServer(directory, await freePort(), settings);
    ending(async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    });
    await server.#make();
    await server.begin();
    return server;
  }

  private constructor(directory: string, port: number, settings: readonly string[]) {
    this.#directory = directory;
    this.port = port;
    this.#settings = settings;
  }

  url(database = "postgres"): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** A new and empty database. Returns its URL. */
  async createDatabase(): Promise<string> {
    const name = `arrwdb_${process.pid}_${this.#databases++}`;
    await this.sql(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  async sql(text: string, url = this.url()): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const result: { rows: Readonly<Record<string, unknown>>[] } = await client.query(text);
      return result.rows;
    } finally {
      await client.end();
    }
  }

  /** Starts it again after `kill`. */
  async begin(): Promise<void> {
    const options = ["listen_addresses=127.0.0.1", "max_connections=200", "fsync=off", ...this.#settings];
    const flags = options.flatMap((option) => ["-c", option]);
    const data = join(this.#directory, "data");
    const args = ["-D", data, "-p", String(this.port), "-k", this.#directory, ...flags];
    this.#process = endingProcess(
      spawn(join((await programs()) ?? "", "postgres"), args, { stdio: "ignore", ...(await ownUser()) }),
    );
    await eventually(() => this.sql("SELECT 1"), { describe: "an answer of PostgreSQL" });
  }

  /** As after a power cut. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill("SIGQUIT");
    await exited;
  }

  async #make(): Promise<void> {
    const owner = await ownUser();
    const data = join(this.#directory, "data");
    await mkdir(data);
    if (owner !== undefined) for (const path of [this.#directory, data]) await chown(path, owner.uid, owner.gid);
    const args = ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"];
    await run(join((await programs()) ?? "", "initdb"), args, { ...owner });
  }
}
