/** Makes `console/dist`, the page that the server serves at `/`, with each file compressed beside it. */
import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
const sources = ["index.html", "vite.config.ts", "src", "../client/src", "../protocol/src"];
const compressible = /\.(html|js|css|svg|json)$/;

async function filesIn(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Whether there is none, or one that is older than what it is made from. */
async function isStale(): Promise<boolean> {
  const built = await stat(join(dist, "index.html")).catch(() => undefined);
  if (built === undefined) return true;
  const files = (await Promise.all(sources.map((source) => filesIn(join(here, source))))).flat();
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return Math.max(...times) > built.mtimeMs;
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  await Promise.all([
    promisify(brotliCompress)(bytes, quality).then((small) => writeFile(`${file}.br`, small)),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }).then((small) => writeFile(`${file}.gz`, small)),
  ]);
}

/** Builds the console; with `whenChanged`, only where there is none that is up to date. */
export async function buildConsole({ whenChanged = false } = {}): Promise<void> {
  if (whenChanged && !(await isStale())) return;
  // Only here, as an installation without what is for development may have a console already, and no vite.
  const { build } = await import("vite");
  // Beside it, so that nobody sees half of one: two servers may be started at the same time.
  const made = join(here, `.dist-${process.pid}`);
  const removed = removedAtExit(made);
  await mkdir(made);
  try {
    const configFile = join(here, "vite.config.ts");
    await build({ root: here, configFile, logLevel: "warn", build: { outDir: made, emptyOutDir: true } });
    const files = await filesIn(made);
    await Promise.all(files.filter((file) => compressible.test(file)).map(compress));
    await rm(dist, { recursive: true, force: true });
    await rename(made, dist).catch(unlessThere);
  } finally {
    await rm(made, { recursive: true, force: true });
    removed.cancel();
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const stop = () => process.exit(1);

/** Removes the directory also if the build is interrupted, as by Ctrl-C while `npm run demo` prepares. */
function removedAtExit(directory: string): { readonly cancel: () => void } {
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once("exit", remove);
  for (const signal of signals) process.once(signal, stop);
  const cancel = () => {
    process.off("exit", remove);
    for (const signal of signals) process.off(signal, stop);
  };
  return { cancel };
}

/** Somebody else has just made one from the same sources. */
function unlessThere(error: unknown): void {
  const isThere = error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
  if (!isThere) throw error;
}

if (import.meta.main) {
  const whenChanged = process.argv.includes("--when-changed");
  try {
    await buildConsole({ whenChanged });
  } catch (error) {
    // The server works without its console, and says so.
    if (!whenChanged) throw error;
    process.stderr.write(`The console was not built: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
