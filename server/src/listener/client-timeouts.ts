/** For how long the server waits for its clients, in milliseconds. */
export interface ClientTimeouts {
  /** Until the head of a request is there, from the connection or the request before it on; and a TLS handshake. */
  readonly head: number;
  /** Interval of the checks for time-outs. */
  readonly check: number;
  /** Until more of a JSON body arrives. */
  readonly silence: number;
  /** Until a JSON body is there, besides a second for each 1,024 bytes of it. */
  readonly body: number;
  /** Until a client reads more of its response. */
  readonly unread: number;
}

export const defaultClientTimeouts: ClientTimeouts = {
  head: 15_000,
  check: 1_000,
  silence: 10_000,
  body: 20_000,
  unread: 30_000,
};
