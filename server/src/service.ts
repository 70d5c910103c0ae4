/** A part of the server with a life of its own. */
export interface Service {
  /** Resolves when the part is ready; a failed start leaves nothing behind. */
  start(): Promise<void>;
  /** Accepts nothing new and finishes what is in progress, within the time-out in milliseconds. */
  drain(timeout: number): Promise<void>;
  /** Releases everything. Safe to call twice, and without `start` or `drain` before. */
  stop(): Promise<void>;
}
