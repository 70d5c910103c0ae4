import type { EmbeddingModelV4 } from "@ai-sdk/provider";
import { wrapEmbeddingModel } from "ai";
import { z } from "zod";
import { byText } from "./vectors-by-index.ts";

const repeatedTexts = z.object({ texts: z.array(z.string()) });

/** Cohere's vectors carry no index, but its response may repeat the texts: then they are paired by text. */
export function pairedByText(model: EmbeddingModelV4, id: string): EmbeddingModelV4 {
  return wrapEmbeddingModel({
    model,
    middleware: {
      specificationVersion: "v4",
      wrapEmbed: async ({ doEmbed, params: { values } }) => {
        const result = await doEmbed();
        const repeated = repeatedTexts.safeParse(result.response?.body);
        if (!repeated.success) return result;
        return { ...result, embeddings: byText(values, repeated.data.texts, result.embeddings, id) };
      },
    },
  });
}
