import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { WebhookDelivery } from "@arrwdb/protocol/events/webhooks";
import type { Store } from "../../store/store.ts";
import type { StoredWebhook } from "../../store/webhook-store.ts";
import { EventSelector } from "../events/event-selector.ts";
import { PublishedEvent } from "../events/published-event.ts";
import { type BackoffSettings, retryDelay } from "./backoff.ts";
import { WakeSignal } from "./wake-signal.ts";
import type { WebhookCaller } from "./webhook-caller.ts";
import type { DeliveryJournal } from "./delivery-journal.ts";
import { eventMessage, gapMessage, type Message } from "./webhook-message.ts";
import { WebhookProgress } from "./webhook-progress.ts";

/** Maximum of events that a webhook reads at a time, so that a slow one holds no more. */
const pageEvents = 32;
const pageCharacters = 64 * 1024;
/** Milliseconds after which others have their turn. */
const turnTime = 2_000;
/** Milliseconds for which the position of filtered events may stay ahead of the saved one. */
const saveInterval = 5_000;
/** Maximum duration of a call, besides the delay before it. */
const longestCall = 60_000;
/** Milliseconds before the log is read again after an error. */
const faultDelay = 1_000;
/** Milliseconds that the event of a library's deletion may take, once the library is gone. */
const goodbyeWait = 10_000;

export interface RunnerContext {
  readonly store: Store;
  readonly caller: WebhookCaller;
  readonly journal: DeliveryJournal;
  /** Runs a turn when the library is scheduled. */
  readonly turns: (libraryId: string, turn: () => Promise<void>) => Promise<void>;
  readonly backoff: BackoffSettings;
  /** Milliseconds of failure after which a webhook is disabled. */
  readonly disableAfter: number;
  readonly onFault: (what: string, error: unknown) => void;
  /** Aborts when no further call may start. */
  readonly draining: AbortSignal;
  /** Whether a call may begin now. */
  readonly mayCall: () => boolean;
}

/** The state of a webhook: delivering, waiting for a retry, or stopped. */
export type WebhookState = "active" | "retrying" | "stopped";

/** Delivers the log to one webhook: one call at a time, in order, each repeated until it succeeds. */
export class WebhookRunner {
  readonly #context: RunnerContext;
  readonly #ending = new AbortController();
  #isFinishing = false;
  /** The call in progress. */
  #call = new AbortController();
  readonly #bell = new WakeSignal();
  #webhook: StoredWebhook;
  #next: StoredWebhook | undefined;
  #selector: EventSelector;
  #progress: WebhookProgress;
  #attempts: WebhookDelivery[] = [];
  #mayHaveMore = true;
  #savedPosition: number;
  #savedAt = performance.now();
  #notBefore = 0;
  /** When it may be called again, and when calls began to fail, by a monotonic clock. */
  #due = 0;
  #failingSince: number | undefined;
  #goneSince: number | undefined;
  readonly ended: Promise<void>;

  /** @param after when to begin */
  constructor(webhook: StoredWebhook, context: RunnerContext, after: Promise<void> = Promise.resolve()) {
    this.#context = context;
    this.#webhook = webhook;
    this.#selector = new EventSelector(webhook.events ?? undefined, webhook.filter);
    this.#progress = new WebhookProgress(webhook, context.disableAfter);
    this.#savedPosition = webhook.seq;
    this.#measure();
    this.ended = after.then(() => this.#run());
  }

  /** The library has changed. */
  poke(): void {
    this.#mayHaveMore = true;
    this.#bell.ring();
  }

  /** The webhook was changed; a call in progress is finished first. */
  replace(webhook: StoredWebhook): void {
    // Notifications of changes may arrive out of order.
    if (webhook.revision < (this.#next ?? this.#webhook).revision) return;
    this.#next = webhook;
    this.#bell.ring();
  }

  /** Ends at once, with a call that is in progress. */
  end(): void {
    this.#ending.abort();
    this.interrupt();
  }

  /** Ends after a call that is in progress. */
  finish(): void {
    this.#isFinishing = true;
    this.#bell.ring();
  }

  /** Ends a call that is in progress, which is repeated when calls may be made again. */
  interrupt(): void {
    this.#call.abort();
    this.#bell.ring();
  }

  /** Looks whether it has to end. */
  wake(): void {
    this.#bell.ring();
  }

  /** Whether the event would currently be delivered. */
  wants(published: PublishedEvent): boolean {
    return this.#progress.isActive && this.#selector.wants(published);
  }

  get state(): WebhookState {
    if (!this.#progress.isActive) return "stopped";
    return this.#progress.isFailing ? "retrying" : "active";
  }

  get webhook(): StoredWebhook {
    return this.#next ?? this.#webhook;
  }

  async #run(): Promise<void> {
    while (!this.isOver) {
      this.#take();
      const wait = this.#wait();
      if (wait > 0) {
        await this.#bell.wait(Math.min(wait, this.#untilSaved()));
      } else {
        await this.#context.turns(this.#webhook.libraryId, () => this.#turn());
      }
      await this.#save();
    }
    await this.#save();
  }

  /** Whether no further call begins. */
  get isOver(): boolean {
    return this.#ending.signal.aborted || this.#isFinishing || this.#context.draining.aborted;
  }

  /** Milliseconds until there is work, unless woken earlier. */
  #wait(): number {
    if (!this.#progress.isActive || !this.#mayHaveMore || !this.#context.mayCall()) return Infinity;
    return Math.max(this.#due, this.#notBefore) - performance.now();
  }

  #take(): void {
    const next = this.#next;
    if (next === undefined) return;
    const position = next.course === this.#webhook.course ? this.#progress.position : next.seq;
    this.#next = undefined;
    this.#webhook = next;
    this.#selector = new EventSelector(next.events ?? undefined, next.filter);
    this.#progress = new WebhookProgress(next, this.#context.disableAfter, position);
    this.#mayHaveMore = true;
    this.#measure();
  }

  /**
   * Restores the stored state of a failure, whose times are of the system clock. That may have been changed since, so
   * the delay is capped at the maximum, and the duration of the failure at what its attempts can have taken.
   */
  #measure(): void {
    const { longest } = this.#context.backoff;
    const now = new Date();
    const before = this.#failingSince === undefined ? Infinity : this.#due;
    const failingFor = this.#progress.failingFor(now);
    if (failingFor === undefined) return this.#succeed();
    const mostly = (this.#progress.attempt - 1) * (longest + longestCall);
    this.#due = Math.min(before, performance.now() + Math.min(this.#progress.wait(now), longest));
    this.#failingSince ??= performance.now() - Math.min(Math.max(0, failingFor), mostly);
  }

  #succeed(): void {
    this.#due = 0;
    this.#failingSince = undefined;
  }

  async #turn(): Promise<void> {
    if (this.isOver) return;
    this.#mayHaveMore = false;
    try {
      await this.#deliver();
    } catch (error) {
      if (this.isOver) return;
      this.#mayHaveMore = true;
      if (error instanceof ArrwError && error.code === "position_expired" && error.earliestSeq !== undefined) {
        return this.#deliverGap(error.earliestSeq);
      }
      this.#notBefore = performance.now() + faultDelay;
      if (error instanceof ArrwError && error.code === "library_not_found") return this.#awaitGoodbye();
      this.#context.onFault("events for a webhook could not be read", error);
    }
  }

  /** Delivers the next events, until a call fails or it is another webhook's turn. */
  async #deliver(): Promise<void> {
    const begun = performance.now();
    const { events, seq } = await this.#context.store.events.read(this.#webhook.libraryId, {
      afterSeq: this.#progress.position,
      limit: pageEvents,
      maxCharacters: pageCharacters,
    });
    for (const event of events) {
      if (this.isOver || this.#next !== undefined || performance.now() - begun > turnTime) break;
      const published = new PublishedEvent(event);
      if (!this.#selector.wants(published)) this.#progress.passed(event.seq);
      else if (!(await this.#attempt(eventMessage(published), event.seq))) break;
    }
    if (this.#progress.position < seq) this.#mayHaveMore = true;
  }

  async #deliverGap(earliestSeq: number): Promise<void> {
    await this.#attempt(gapMessage(this.#webhook, this.#progress.position, earliestSeq, new Date()), earliestSeq);
  }

  /** The event of the deletion, which ends this, may be told after the library is gone. */
  #awaitGoodbye(): void {
    this.#goneSince ??= performance.now();
    if (performance.now() - this.#goneSince > goodbyeWait) this.end();
  }

  /** Makes one call, unless none may be made. @returns whether it succeeded */
  async #attempt(message: Message, seq: number): Promise<boolean> {
    const { caller, backoff } = this.#context;
    if (!this.#context.mayCall()) return false;
    const attempt = this.#progress.attempt;
    const call = new AbortController();
    this.#call = call;
    const outcome = await caller.call(this.#webhook, message, attempt, call.signal).catch((error: unknown) => {
      if (call.signal.aborted) return undefined;
      throw error;
    });
    if (outcome === undefined) return false;
    const { delivery, retryAfter, gone } = outcome;
    this.#attempts.push(delivery);
    const at = new Date();
    if (delivery.error === null) {
      this.#progress.delivered(seq, at);
      this.#succeed();
      return true;
    }
    const delay = retryDelay(attempt, backoff, Math.random(), retryAfter);
    const now = performance.now();
    this.#failingSince ??= now;
    this.#due = now + delay;
    this.#progress.failed({ error: delivery.error, at, delay, gone, failingFor: now - this.#failingSince });
    return false;
  }

  /** Milliseconds until a position that moved without a call must be saved. */
  #untilSaved(): number {
    if (this.#progress.position === this.#savedPosition) return Infinity;
    return this.isOver ? 0 : Math.max(0, this.#savedAt + saveInterval - performance.now());
  }

  async #save(): Promise<void> {
    if (this.#attempts.length === 0 && this.#untilSaved() > 0) return;
    const attempts = this.#attempts;
    this.#attempts = [];
    this.#savedPosition = this.#progress.position;
    this.#savedAt = performance.now();
    await this.#context.journal.write(this.#progress.report(attempts));
  }
}
