/**
 * Gives a workspace's `package.json` the form of the published one while `npm pack` reads it, and takes it back. In the
 * workspace, packages run from their sources: their `publishConfig` says where the package has what `dist` has instead.
 */
import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

interface Manifest {
  readonly publishConfig: {
    /** Dependencies that the build puts into the package. */
    readonly inside?: readonly string[];
    /** What the published manifest has in place of the workspace's. */
    readonly [field: string]: unknown;
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const manifestFile = "package.json";
const kept = ".workspace-package.json";
const licence = "LICENSE";
const rootLicence = fileURLToPath(new URL("../LICENSE", import.meta.url));

/** The manifest of the package: without what only the workspace needs. */
function published(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { private: _, scripts: __, devDependencies: ___, publishConfig, dependencies, ...rest } = manifest;
  const { inside = [], ...replaced } = publishConfig;
  if (dependencies === undefined) return { ...rest, ...replaced };
  const left = Object.entries(dependencies).filter(([name]) => !inside.includes(name));
  return { ...rest, ...replaced, dependencies: Object.fromEntries(left) };
}

async function restore(): Promise<void> {
  await rename(kept, manifestFile).catch(unlessMissing);
  await rm(licence, { force: true });
}

async function publish(): Promise<void> {
  // What a run that was killed has left.
  await restore();
  const manifest: Manifest = JSON.parse(await readFile(manifestFile, "utf8"));
  await copyFile(manifestFile, kept);
  await copyFile(rootLicence, licence);
  await writeFile(manifestFile, `${JSON.stringify(published(manifest), undefined, 2)}\n`);
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}

const action = process.argv[2];
if (action === "publish") await publish();
else if (action === "restore") await restore();
else throw new Error("Run it with publish or restore, in the folder of a package");
