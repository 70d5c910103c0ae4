/** A server that runs in this program. */
export interface RunningServer {
  /** Its address, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Resolves with the reason if the server cannot go on, such as a disk that fails. What it has acknowledged is safe; stop
   * it and start another.
   */
  readonly failed: Promise<Error>;
  /** Finishes requests in progress, for up to 15 seconds, and closes the data. Can be called more than once. */
  stop(): Promise<void>;
}
