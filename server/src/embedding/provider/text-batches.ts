import type { PendingText } from "./text-request.ts";

export interface BatchLimits {
  readonly textsPerCall: number;
  /** Maximum of characters per call; a single text may exceed it. */
  readonly charactersPerCall: number;
}

/** How many of the first texts fit in one call, by the provider's limits. */
export function batchLength(texts: readonly PendingText[], limits: BatchLimits): number {
  const suspects = texts[0]?.suspects;
  let characters = 0;
  let length = 0;
  for (const { text, suspects: own } of texts) {
    characters += text.length;
    const full = length >= limits.textsPerCall || characters > limits.charactersPerCall;
    if (length > 0 && (full || own !== suspects)) break;
    length++;
  }
  return length;
}

/** Calls that a refused batch may cost beyond its first and the trial of a harmless text: enough to find a few bad ones. */
const callsToFindBadTexts = 46;

/**
 * Two halves of a refused batch, each to be sent separately, so that in the end the offending text is isolated.
 * Undefined if the batch has one text, or if isolating it would exceed the calls allowed per request: then valid texts
 * fail with it, but never those of another request.
 */
export function halve(texts: readonly PendingText[]): readonly (readonly PendingText[])[] | undefined {
  const [first] = texts;
  if (first === undefined || texts.length === 1) return undefined;
  const ofOneRequest = texts.every(({ request }) => request === first.request);
  const calls = first.suspects?.calls ?? (ofOneRequest ? { left: callsToFindBadTexts } : undefined);
  if (calls !== undefined) {
    if (calls.left < 2) return undefined;
    calls.left -= 2;
  }
  const middle = Math.ceil(texts.length / 2);
  const halves = [texts.slice(0, middle), texts.slice(middle)];
  for (const half of halves) {
    const suspects = { calls };
    for (const text of half) text.suspects = suspects;
  }
  return halves;
}
