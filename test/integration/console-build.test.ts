import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copyCheckout } from "../support/packages/packed.ts";
import { endingProcess } from "../support/server/endings.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { eventually } from "../support/waiting.ts";

it("A build of the console that is interrupted leaves nothing behind", async () => {
  const checkout = join(await temporaryDirectory(), "checkout");
  await copyCheckout(checkout);
  const child = endingProcess(spawn(process.execPath, ["console/build.ts"], { cwd: checkout, stdio: "inherit" }));
  const exited = once(child, "exit");
  const left = async () => (await readdir(join(checkout, "console"))).filter((name) => name.startsWith(".dist-"));
  await eventually(async () => (await left()).length === 1, { describe: "the build to begin" });
  child.kill("SIGINT");
  await exited;
  expect(await left()).toEqual([]);
});
