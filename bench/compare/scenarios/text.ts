import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { percentile } from "../../support/figures.ts";
import { LeanHttp } from "../../support/lean-http.ts";
import { createLibrary, upload } from "../../support/server.ts";
import { RestartableServer } from "../../support/server-under-test.ts";
import type { BenchContext } from "../bench-context.ts";
import { runLoad } from "../load.ts";
import { k } from "../profile.ts";
import type { TextResult } from "../result.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Paragraphs, list items and table rows of the project's own pages, which is real text that everybody has. */
async function readParagraphs(): Promise<readonly string[]> {
  const inDocs = (await readdir(join(root, "docs"))).map((name) => join(root, "docs", name));
  const atRoot = (await readdir(root)).map((name) => join(root, name));
  const files = [...atRoot, ...inDocs].filter((path) => path.endsWith(".md")).toSorted();
  const pages = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const paragraphs = pages.flatMap((page) =>
    page
      .replaceAll(/^```[\s\S]*?^```/gm, "\n")
      .split(/\n\s*\n|\n(?=[-|\d])/)
      .map((paragraph) => paragraph.replaceAll(/[\s|*#]+/g, " ").trim()),
  );
  return [...new Set(paragraphs)].filter((paragraph) => paragraph.length >= 40);
}

/** The questions are sentences of the texts, each cut differently, so that none was embedded before. */
const questionOf = (texts: readonly string[], turn: number) => {
  const words = (texts[turn % texts.length] ?? "").split(" ");
  const first = Math.floor(turn / texts.length);
  return words.slice(first, first + 8 + (turn % 5)).join(" ") || `${turn}`;
};

/** Real text with the built-in model: how fast it goes in, and how fast a question in words is answered. */
export async function measureText({ profile, progress }: BenchContext): Promise<TextResult> {
  const texts = (await readParagraphs()).slice(0, profile.texts);
  progress.say(`text: embedding ${texts.length} paragraphs with the built-in model`);
  const server = await RestartableServer.start();
  try {
    const libraryId = await createLibrary(server.url);
    // The model is loaded with the first text, which is no text's own cost.
    await upload(server.url, await createLibrary(server.url), [{ title: "Warm up", text: "Warm up the model." }]);
    const begin = performance.now();
    await upload(
      server.url,
      libraryId,
      texts.map((text, index) => ({ title: `Paragraph ${index}`, text })),
    );
    const ingestRate = texts.length / ((performance.now() - begin) / 1000);

    progress.say("text: searching by text");
    const http = new LeanHttp(server.url, 8);
    const counter = { turn: 0 };
    const send = (turn: number) =>
      http.post(
        `/v1/libraries/${libraryId}/search`,
        JSON.stringify({ query: questionOf(texts, turn), k }),
        "application/json",
      );
    const searches: TextResult["searches"] = [];
    for (const inFlight of [1, 8]) {
      await runLoad(send, { inFlight, milliseconds: profile.warmUpMilliseconds }, counter);
      const load = { inFlight, milliseconds: profile.loadMilliseconds * 2 };
      const { rate, latencies } = await runLoad(send, load, counter);
      searches.push({ inFlight, rate, p50: percentile(latencies, 50), p99: percentile(latencies, 99) });
    }
    await http.close();
    return { texts: texts.length, ingestRate, searches };
  } finally {
    await server.remove();
  }
}
