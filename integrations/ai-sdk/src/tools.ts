import { tool } from "ai";
import type { Filter, LibraryHandle, RankedHit, RankedQuery, SearchQuery } from "arrwdb-client";
import { z } from "zod";

export interface ArrwdbToolsOptions {
  /** The library that the model may use: `client.library(id)`. */
  readonly library: LibraryHandle;
  /** What the library holds, for the model to know when to look there: "the manuals of our machines". */
  readonly about?: string | undefined;
  /** Passages that a search gives where the model does not say; 5. */
  readonly k?: number | undefined;
  /** Holds for every search, whatever the model asks for. */
  readonly filter?: Filter | undefined;
  /** How to search; `"vector"` where absent. */
  readonly mode?: SearchQuery["mode"] | RankedQuery["mode"];
  /** Characters of each passage that the model is shown; 4,000. */
  readonly passageCharacters?: number | undefined;
  /** Fields of every document that the model adds, such as whose assistant it is. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** Passages of one search at most. */
const maxPassages = 20;

const shownHit = ({ rank, document_id, distance, score, text, document }: RankedHit, characters: number) => ({
  rank,
  document_id,
  title: document.title,
  author: document.author,
  source_url: document.source_url,
  distance,
  ...(score === undefined ? {} : { score }),
  text: text.length <= characters ? text : `${text.slice(0, characters).toWellFormed()}…`,
});

/**
 * Tools for a language model: `search` finds passages in a library of arrwDB, `add` stores a document in it. Take both,
 * or one of them. What goes wrong is thrown, as `ArrwClientError`, and told to the model by the AI SDK.
 */
export function arrwdbTools(options: ArrwdbToolsOptions) {
  const { library, about, k: usual = 5, filter, mode, passageCharacters = 4_000, metadata = {} } = options;
  const where = about === undefined ? "the library" : `a library with ${about}`;

  const search = tool({
    description: `Searches ${where}. Gives the passages that fit best, with the documents that they stand in.`,
    inputSchema: z.object({
      query: z.string().min(1).max(10_000).describe("What to look for, in plain words or as a question."),
      k: z.int().min(1).max(maxPassages).optional().describe(`How many passages to give; ${usual} where absent.`),
    }),
    execute: async ({ query, k = usual }, { abortSignal }) => {
      const request = { query, k, metadata_filter: filter };
      const calling = { signal: abortSignal };
      const { results, seq } = await (mode === undefined || mode === "vector"
        ? library.search(request, calling)
        : library.search({ ...request, mode }, calling));
      return { position: seq, hits: results.map((hit) => shownHit(hit, passageCharacters)) };
    },
    toModelOutput: ({ output: { hits } }) => ({
      type: "text",
      value:
        hits.length === 0
          ? "Nothing was found."
          : hits
              .map(({ rank, title, document_id, text }) => `${rank}. ${title} (${document_id})\n${text}`)
              .join("\n\n"),
    }),
  });

  const add = tool({
    description: `Stores a document in ${where}, where later searches find it.`,
    inputSchema: z.object({
      title: z.string().min(1).max(2_000),
      texts: z
        .array(z.string().min(1).max(100_000))
        .min(1)
        .max(1_000)
        .describe("The text, split into passages of one to three paragraphs; each is found by itself."),
    }),
    execute: async ({ title, texts }, { abortSignal }) => {
      const { document, seq } = await library.add({ title, texts, metadata }, { signal: abortSignal });
      return { document_id: document.id, title: document.title, num_chunks: document.num_chunks, position: seq };
    },
    toModelOutput: ({ output: { title, document_id } }) => ({
      type: "text",
      value: `Stored "${title}" as document ${document_id}.`,
    }),
  });

  return { search, add };
}
