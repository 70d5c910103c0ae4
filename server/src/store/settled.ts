/** One outcome of several: what is asked for together fails apart. */
export type Settled<Value> = { readonly value: Value } | { readonly error: Error };
