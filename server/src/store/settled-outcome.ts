/** The outcome of one item of a batch; items fail independently. */
export type Settled<Value> = { readonly value: Value } | { readonly error: Error };
