import type { Plugin } from "rolldown";

const address = /new URL\((?<quoted>"[^"]*")(?=,\s*import\.meta\.url\))/g;

/**
 * Threads are started by the addresses of their sources, which bundlers do not follow: here they become those of the
 * scripts. An address of anything that is not among the scripts is an error, as its thread would not start.
 */
export const compiledThreads: Plugin = {
  name: "compiled-threads",
  renderChunk(code) {
    if (!code.includes("import.meta.url")) return null;
    return code.replaceAll(address, (all) => all.replace(/\.ts"$/, '.js"'));
  },
  generateBundle(_options, output) {
    for (const chunk of Object.values(output)) {
      if (chunk.type !== "chunk") continue;
      for (const { groups } of chunk.code.matchAll(address)) {
        const path: unknown = JSON.parse(groups?.["quoted"] ?? "");
        const to = new URL(String(path), `file:///${chunk.fileName}`).pathname.slice(1);
        if (/\.\w+$/.test(to) && output[to] === undefined)
          this.error(`${chunk.fileName} refers to ${to}, which is not built`);
      }
      if (/\.ts"/.test(chunk.code)) this.error(`${chunk.fileName} still names a file of TypeScript`);
    }
  },
};
