import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const path = new URL("../../../../shared/guide/streaming-websocket-guide.md", import.meta.url);

/** The contract that existing users hold lies beside the project on some machines only. */
export const noGuide = existsSync(path) ? undefined : "the guide, ../shared/guide, is not here";

/** Its programs in one language, in order. */
export async function guideBlocks(language: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, name, code]) =>
    name === language && code !== undefined ? [code] : [],
  );
}

/** The one program that contains this text. */
export function blockWith(blocks: readonly string[], text: string): string {
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`The guide has no program with ${text}`);
  return found;
}

const run = promisify(execFile);

/** Debian's Python, where its requests and websockets are installed. */
export const python = "/usr/bin/python3";

export async function runPython(code: string): Promise<string> {
  const { stdout } = await run(python, ["-c", code], { timeout: 60_000 });
  return stdout;
}
