import { APICallError } from "ai";

/** Statuses of responses that blame the request, so that other texts, or fewer, may be accepted. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Messages of 500 responses for texts that are too long: llama.cpp ("input is too large to process", "the request
 * exceeds the available context size"), llama-box ("too big compared to KV size"), Ollama ("the input length exceeds
 * the context length").
 */
const tooLong =
  /too (?:large|long|big|many tokens)|context (?:length|size|window)|physical batch|max(?:imum)? \w+ length|less than \d+ tokens/i;

/** Whether the provider reports a text as the cause, so that the same call would fail again. */
export const objectsToTexts = (error: unknown): boolean =>
  APICallError.isInstance(error) &&
  error.statusCode !== undefined &&
  (refusals.has(error.statusCode) || (error.statusCode === 500 && tooLong.test(error.responseBody ?? "")));

/** Whether one text may fail the whole call: some servers return 500, with or without a message, if one is too long. */
export const mayBeOneText = (error: unknown): boolean =>
  objectsToTexts(error) || (APICallError.isInstance(error) && error.statusCode === 500);
