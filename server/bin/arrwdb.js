#!/usr/bin/env node
// Starts the command line on a Node that runs TypeScript as it is: this one where it is new enough, otherwise the one
// that `npm install` brought along.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldest = 24;
const main = fileURLToPath(new URL("../src/cli/arrwdb.ts", import.meta.url));

/** The path of the Node that is a dependency of the project, or undefined. */
function installedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`arrwdb: ${message}\n`);
  process.exit(1);
}

/** Runs the command in a process of its own, which gets this one's terminal, signals and exit code. */
function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  child.once("error", (error) => fail(`${node} cannot be run: ${error.message}; run "npm install" again`));
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  // A terminal sends Ctrl-C to both; the child decides what it means.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
}

const node = installedNode();
if (Number(process.versions.node.split(".")[0]) >= oldest) await import(main);
else if (node !== undefined) runWith(node);
else
  fail(
    `needs Node ${oldest} or newer, and this is ${process.version}; run "npm install" in the project, which brings it`,
  );
