import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { repository } from "../support/pages/source-files.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";

const script = join(repository, "packaging/manifest.ts");

const workspace = {
  name: "some-package",
  private: true,
  exports: { ".": "./src/index.ts" },
  publishConfig: { exports: { ".": "./dist/index.js" }, inside: ["arrwdb-client"] },
  scripts: { prepack: "node build.ts" },
  dependencies: { "arrwdb-client": "^0.1.0", zod: "^4.0.0" },
  devDependencies: { vite: "^8.0.0" },
};

it("A manifest has its published form while it is packed, and its own again, also after a run that was killed", async () => {
  const directory = await temporaryDirectory();
  const run = (action: string) => promisify(execFile)(process.execPath, [script, action], { cwd: directory });
  const read = async (): Promise<unknown> => JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  await writeFile(join(directory, "package.json"), JSON.stringify(workspace));
  const published = {
    name: "some-package",
    exports: { ".": "./dist/index.js" },
    dependencies: { zod: "^4.0.0" },
  };
  await run("publish");
  expect(await read()).toEqual(published);
  await run("publish");
  expect(await read()).toEqual(published);
  await run("restore");
  expect(await read()).toEqual(workspace);
  await run("restore");
  expect(await read()).toEqual(workspace);
  expect(await readdir(directory)).toEqual(["package.json"]);
});
