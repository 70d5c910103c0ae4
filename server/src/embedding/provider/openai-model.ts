import type { EmbeddingModelV4 } from "@ai-sdk/provider";
import {
  combineHeaders,
  createJsonResponseHandler,
  createStatusCodeErrorResponseHandler,
  postJsonToApi,
} from "@ai-sdk/provider-utils";
import { z } from "zod";
import type { BodyFields } from "../text-preparation.ts";
import { byIndex } from "./vectors-by-index.ts";

export interface OpenAiModelOptions {
  /** For messages. */
  readonly id: string;
  /** What the provider calls the model. */
  readonly model: string;
  /** Up to and with the version. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly fields: BodyFields;
  readonly fetch: typeof fetch;
}

const count = z.number().nonnegative().nullish();

/** Servers leave out, or add, whatever is not of interest to them; the vectors alone have to be there. */
const answer = z.object({
  data: z.array(z.object({ embedding: z.array(z.number()), index: z.unknown().optional() })),
  usage: z.object({ prompt_tokens: count, total_tokens: count }).nullish().catch(undefined),
});

/**
 * A model behind an OpenAI-compatible `POST /embeddings`, for the AI SDK. The SDK's own pairs vectors by their order in
 * the response, always sends `encoding_format`, and fails if `prompt_tokens` is missing.
 */
export function openAiModel({ id, model, baseUrl, apiKey, fields, fetch }: OpenAiModelOptions): EmbeddingModelV4 {
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    specificationVersion: "v4",
    provider: "arrwdb",
    modelId: model,
    maxEmbeddingsPerCall: undefined,
    supportsParallelCalls: true,
    doEmbed: async ({ values, headers, abortSignal }) => {
      const { value, rawValue, responseHeaders } = await postJsonToApi({
        url: `${baseUrl.replace(/\/+$/, "")}/embeddings`,
        headers: combineHeaders(authorization, headers),
        body: { ...fields, model, input: values },
        failedResponseHandler: createStatusCodeErrorResponseHandler(),
        successfulResponseHandler: createJsonResponseHandler(answer),
        ...(abortSignal === undefined ? {} : { abortSignal }),
        fetch,
      });
      const tokens = value.usage?.prompt_tokens ?? value.usage?.total_tokens;
      return {
        warnings: [],
        embeddings: byIndex(value.data, values.length, id).map(({ embedding }) => embedding),
        ...(tokens === undefined || tokens === null ? {} : { usage: { tokens } }),
        response: { ...(responseHeaders === undefined ? {} : { headers: responseHeaders }), body: rawValue },
      };
    },
  };
}
