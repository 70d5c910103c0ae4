import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../support/server/test-server.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const given = `import { ArrwClient, ArrwClientError, type LibraryHandle } from "arrwdb-client";
declare const library: LibraryHandle;
`;
const needsClient = "declare const client: ArrwClient;\n";

/** The code of each `@example` in the client's comments. */
async function examples(): Promise<readonly string[]> {
  const sources = path("client/src");
  const names = (await readdir(sources)).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(names.map((name) => readFile(join(sources, name), "utf8")));
  return texts
    .flatMap((text) => [...text.matchAll(/@example\n *\* ```ts\n([^]*?)\n *\* ```/g)])
    .map(([, code = ""]) => code.replaceAll(/^ *\* ?/gm, ""));
}

it("The examples in the client's comments type-check", { timeout: 60_000 }, async () => {
  const directory = await temporaryDirectory();
  try {
    const all = await examples();
    expect(all.length).toBeGreaterThan(8);
    for (const [index, code] of all.entries()) {
      const ownClient = code.includes("new ArrwClient(");
      const ownLibrary = code.includes("const library =");
      const context = ownLibrary ? given.replace(/^declare.*\n/m, "") : given;
      await writeFile(join(directory, `example-${index}.ts`), `${context}${ownClient ? "" : needsClient}${code}\n`);
    }
    const compilerOptions = {
      noUnusedLocals: false,
      typeRoots: [path("node_modules/@types")],
      paths: { "arrwdb-client": [path("client/src/index.ts")] },
    };
    const settings = { extends: path("tsconfig.json"), compilerOptions, include: ["*.ts"] };
    await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify(settings));
    const tsc = path("node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", directory]).catch(
      (error: { readonly stdout: string }) => error,
    );
    expect(stdout).toBe("");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
