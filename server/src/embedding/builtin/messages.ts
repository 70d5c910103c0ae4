/** What goes between the pool and its threads. */
export interface BatchRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

export type TextResult = { readonly vector: Float32Array<ArrayBuffer> } | { readonly error: string };

export type BatchReply =
  | { readonly type: "ready" }
  | { readonly type: "batch"; readonly id: number; readonly results: readonly TextResult[] };
