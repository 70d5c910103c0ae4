export interface BatchLimits {
  readonly textsPerCall: number;
  /** Of all texts of a call; one text alone may have more. */
  readonly charactersPerCall: number;
}

/** The texts in order, cut into as few calls as the provider's limits allow. */
export function splitBatches(texts: readonly string[], limits: BatchLimits): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let characters = 0;
  for (const text of texts) {
    const batch = batches.at(-1);
    characters += text.length;
    if (batch === undefined || batch.length >= limits.textsPerCall || characters > limits.charactersPerCall) {
      batches.push([text]);
      characters = text.length;
    } else {
      batch.push(text);
    }
  }
  return batches;
}
