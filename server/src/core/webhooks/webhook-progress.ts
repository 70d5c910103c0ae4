import type { DeliveryReport, StoredWebhook, WebhookFailure } from "../../store/webhook-store.ts";

/** How an attempt failed. */
export interface FailedAttempt {
  readonly error: string;
  readonly at: Date;
  /** Milliseconds after which to try again. */
  readonly delay: number;
  /** Whether the receiver responded that it wants no more calls. */
  readonly gone: boolean;
  /** Milliseconds since calls began to fail, if measured more precisely than by the two timestamps. */
  readonly failingFor?: number | undefined;
}

/** The position of one webhook, and its failures. Time and randomness are passed in. */
export class WebhookProgress {
  readonly #webhook: StoredWebhook;
  /** Milliseconds of failure after which it is disabled. */
  readonly #longestFailure: number;
  #position: number;
  #failure: WebhookFailure | null;
  #lastSuccessAt: string | undefined;
  #disabled: string | undefined;

  /** @param position if more recent than the stored one */
  constructor(webhook: StoredWebhook, longestFailure: number, position = webhook.seq) {
    this.#webhook = webhook;
    this.#longestFailure = longestFailure;
    this.#position = position;
    this.#failure = webhook.failure;
  }

  get position(): number {
    return this.#position;
  }

  get isActive(): boolean {
    return this.#webhook.status === "active" && this.#disabled === undefined;
  }

  /** Whether the last call failed. */
  get isFailing(): boolean {
    return this.#failure !== null;
  }

  /** The number of the next attempt, from 1. */
  get attempt(): number {
    return (this.#failure?.attempts ?? 0) + 1;
  }

  /** Milliseconds since calls began to fail, by this process's clock; undefined if they succeed. */
  failingFor(now: Date): number | undefined {
    return this.#failure === null ? undefined : now.getTime() - Date.parse(this.#failure.since);
  }

  /** Milliseconds until it may be called again, by these clocks. */
  wait(now: Date): number {
    return this.#failure === null ? 0 : Math.max(0, Date.parse(this.#failure.nextAttemptAt) - now.getTime());
  }

  /** Nothing up to this position is to be sent. */
  passed(seq: number): void {
    this.#position = seq;
  }

  delivered(seq: number, at: Date): void {
    this.#position = seq;
    this.#failure = null;
    this.#lastSuccessAt = at.toISOString();
  }

  failed({ error, at, delay, gone, failingFor }: FailedAttempt): void {
    const since = this.#failure?.since ?? at.toISOString();
    const nextAttemptAt = new Date(at.getTime() + delay).toISOString();
    this.#failure = { since, attempts: this.attempt, error, nextAttemptAt };
    if (gone) this.#disabled = error;
    else if ((failingFor ?? at.getTime() - Date.parse(since)) >= this.#longestFailure) {
      this.#disabled = `No call has succeeded since ${since}: ${error}`;
    }
  }

  /** @param attempts since the last report */
  report(attempts: DeliveryReport["attempts"]): DeliveryReport {
    const { id, libraryId, course, revision, epoch } = this.#webhook;
    return {
      libraryId,
      webhookId: id,
      course,
      revision,
      epoch,
      seq: this.#position,
      failure: this.#failure,
      lastSuccessAt: this.#lastSuccessAt,
      disabled: this.#disabled,
      attempts,
    };
  }
}
