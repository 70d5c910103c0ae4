/** What the processes of this bench say to each other. */
export type Order =
  | { readonly type: "connect"; readonly url: string; readonly count: number; readonly key: string | undefined }
  | { readonly type: "send"; readonly frames: readonly string[] }
  | { readonly type: "expect"; readonly messages: number }
  | { readonly type: "collect" }
  | { readonly type: "pause" }
  | { readonly type: "disconnect" };

export type Report =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly at: number }
  | { readonly type: "listening"; readonly url: string }
  | ({ readonly type: "figures" } & Figures);

export interface Figures {
  /** Milliseconds from the commit of an event to its arrival, of some of them. */
  readonly latencies: readonly number[];
  /** Pushes of live queries. */
  readonly updates: readonly Update[];
}

/** One push of a live query: its position, and when it came. */
export interface Update {
  readonly query: string;
  readonly seq: number;
  readonly at: number;
}

/** Milliseconds, the same for all processes of a machine. */
export const now = (): number => performance.timeOrigin + performance.now();
