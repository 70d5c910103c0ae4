import { tool } from "ai";
import type { Filter, LibraryHandle, RankedHit, RankedQuery, SearchQuery } from "arrwdb-client";
import { z } from "zod";

export interface ArrwdbToolsOptions {
  /** The library that the model may use: `client.library(id)`. */
  readonly library: LibraryHandle;
  /** What the library contains, so that the model knows when to search it: "the manuals of our machines". */
  readonly about?: string | undefined;
  /** Passages per search if the model does not specify it. Default is 5. */
  readonly k?: number | undefined;
  /** A filter applied to every search, whatever the model requests. */
  readonly filter?: Filter | undefined;
  /** The search mode. Default is `"vector"`. */
  readonly mode?: SearchQuery["mode"] | RankedQuery["mode"];
  /** Maximum characters of each passage shown to the model. Default is 4,000. */
  readonly passageCharacters?: number | undefined;
  /** Fields for every document that the model adds, such as the user it acts for. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** Maximum number of passages per search. */
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
 * Tools for a language model: `search` finds passages in an arrwDB library, `add` stores a document in it. Use both,
 * or one of them. Errors are thrown as `ArrwClientError`; the AI SDK reports them to the model.
 */
export function arrwdbTools(options: ArrwdbToolsOptions) {
  const { library, about, k: usual = 5, filter, mode, passageCharacters = 4_000, metadata = {} } = options;
  const where = about === undefined ? "the library" : `a library with ${about}`;

  const search = tool({
    description: `Searches ${where}. Returns the most relevant passages, with the documents that contain them.`,
    inputSchema: z.object({
      query: z.string().min(1).max(10_000).describe("What to search for, in plain words or as a question."),
      k: z.int().min(1).max(maxPassages).optional().describe(`Maximum number of passages to return; default ${usual}.`),
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
          ? "No results."
          : hits
              .map(({ rank, title, document_id, text }) => `${rank}. ${title} (${document_id})\n${text}`)
              .join("\n\n"),
    }),
  });

  const add = tool({
    description: `Stores a document in ${where}, so that later searches find it.`,
    inputSchema: z.object({
      title: z.string().min(1).max(2_000),
      texts: z
        .array(z.string().min(1).max(100_000))
        .min(1)
        .max(1_000)
        .describe("The text, split into passages of one to three paragraphs; each can be found on its own."),
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
