import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { Store } from "../../store/store.ts";
import type { WebhookHolder, WebhookLease } from "../../store/webhook-lease.ts";
import type { StoredWebhook, WebhookStore } from "../../store/webhook-store.ts";
import { PublishedEvent } from "../events/published-event.ts";
import type { BackoffSettings } from "./backoff.ts";
import type { WebhookCaller } from "./webhook-caller.ts";
import { FairTurns } from "../../scheduling/fair-turns.ts";
import { DeliveryJournal } from "./delivery-journal.ts";
import { eventMessage } from "./webhook-message.ts";
import { Ownership, type Owners } from "./webhook-ownership.ts";
import { type RunnerContext, WebhookRunner, type WebhookState } from "./webhook-runner.ts";

/**
 * Maximum of concurrent calls, which bounds the events held in memory. Libraries share them evenly: a single one gets
 * half, so that there is always a turn for the next, however slow its receivers are.
 */
const concurrentTurns = 64;

export interface DispatcherOptions {
  readonly store: Store;
  readonly webhooks: WebhookStore;
  readonly caller: WebhookCaller;
  readonly backoff: BackoffSettings;
  /** Milliseconds of failure after which a webhook is disabled. */
  readonly disableAfter: number;
  readonly onFault: (what: string, error: unknown) => void;
}

/** Delivers the events of all libraries to the webhooks that this process holds, from the log. */
export class WebhookDispatcher implements WebhookHolder {
  readonly #store: Store;
  readonly #webhooks: WebhookStore;
  readonly #caller: WebhookCaller;
  readonly #journal: DeliveryJournal;
  readonly #context: RunnerContext;
  readonly #runners = new Map<string, WebhookRunner>();
  /** The same by their libraries. */
  readonly #byLibrary = new Map<string, Set<WebhookRunner>>();
  readonly #draining = new AbortController();
  readonly #stopping = new AbortController();
  readonly #turns = new FairTurns(concurrentTurns);
  readonly #ownership: Ownership;
  #lease: WebhookLease | undefined;
  #stopListening: () => void = () => undefined;

  constructor({ store, webhooks, caller, backoff, disableAfter, onFault }: DispatcherOptions) {
    this.#store = store;
    this.#webhooks = webhooks;
    this.#caller = caller;
    this.#journal = new DeliveryJournal(webhooks, onFault);
    this.#ownership = new Ownership(webhooks, onFault);
    this.#context = {
      backoff,
      disableAfter,
      onFault,
      store,
      caller,
      journal: this.#journal,
      turns: (libraryId, turn) => this.#turns.run(libraryId, turn),
      draining: this.#draining.signal,
      // Webhooks are told before the lease is.
      mayCall: () => this.#lease?.isValid ?? false,
    };
  }

  /** Resumes every webhook from its position, while its owner is valid. */
  async start(owners: Owners): Promise<void> {
    this.#ownership.begin(owners);
    this.#stopListening = this.#store.events.onCommit((events) => {
      for (const event of events) this.#committed(event);
    });
    this.#lease = await this.#webhooks.hold(this);
    this.resume();
  }

  put(webhook: StoredWebhook): void {
    if (this.#draining.signal.aborted) return;
    this.#ownership.watch(webhook);
    const known = this.#runners.get(webhook.id);
    // One that was taken over and came back begins anew, once the former run has ended.
    if (known?.isOver === false && known.webhook.epoch === webhook.epoch) return known.replace(webhook);
    known?.end();
    const runner = new WebhookRunner(webhook, this.#context, known?.ended);
    this.#runners.set(webhook.id, runner);
    const siblings = this.#byLibrary.get(webhook.libraryId) ?? new Set();
    this.#byLibrary.set(webhook.libraryId, siblings.add(runner));
    void runner.ended.then(() => this.#forget(runner));
  }

  remove(webhookId: string): void {
    this.#runners.get(webhookId)?.end();
  }

  async giveUp(webhookId: string): Promise<void> {
    const runner = this.#runners.get(webhookId);
    runner?.finish();
    await runner?.ended;
  }

  lapse(): void {
    for (const runner of this.#runners.values()) runner.interrupt();
  }

  resume(): void {
    for (const runner of this.#runners.values()) runner.wake();
  }

  /** How many webhooks are in which state. */
  get states(): Readonly<Record<WebhookState, number>> {
    const counts = { active: 0, retrying: 0, stopped: 0 };
    for (const runner of this.#runners.values()) counts[runner.state]++;
    return counts;
  }

  /** Starts no further call, and waits for those in progress. */
  async drain(timeout: number): Promise<void> {
    this.#stopListening();
    this.#draining.abort();
    this.#lease?.takeNoMore();
    const runners = [...this.#runners.values()];
    for (const runner of runners) runner.wake();
    const timer = setTimeout(() => this.#cutOff(), timeout);
    await Promise.all(runners.map(({ ended }) => ended));
    clearTimeout(timer);
    await this.#lease
      ?.end()
      .catch((error: unknown) => this.#context.onFault("webhooks could not be left to other servers", error));
  }

  async stop(): Promise<void> {
    this.#cutOff();
    await this.drain(0);
    await this.#journal.close();
    await this.#caller.close();
  }

  #cutOff(): void {
    this.#stopping.abort();
    void this.#journal.close();
    for (const runner of this.#runners.values()) runner.end();
  }

  #committed(event: LibraryEvent): void {
    const runners = this.#byLibrary.get(event.library_id);
    if (runners === undefined) return;
    if (event.type !== "library.deleted") for (const runner of runners) runner.poke();
    else for (const runner of runners) void this.#sayGoodbye(runner, new PublishedEvent(event));
  }

  /** The log of a deleted library is gone, and its webhooks too, so the deletion is delivered once, without retries. */
  async #sayGoodbye(runner: WebhookRunner, published: PublishedEvent): Promise<void> {
    const wanted = runner.wants(published);
    runner.end();
    await runner.ended;
    if (!wanted || !this.#context.mayCall()) return;
    const signal = this.#stopping.signal;
    await this.#turns
      .run(runner.webhook.libraryId, () => this.#caller.call(runner.webhook, eventMessage(published), 1, signal))
      .catch((error: unknown) => {
        if (!signal.aborted)
          this.#context.onFault("the deletion of a library could not be delivered to a webhook", error);
      });
  }

  #forget(runner: WebhookRunner): void {
    const { id, libraryId } = runner.webhook;
    if (this.#runners.get(id) === runner) {
      this.#ownership.forget(id);
      this.#runners.delete(id);
    }
    const siblings = this.#byLibrary.get(libraryId);
    siblings?.delete(runner);
    if (siblings?.size === 0) this.#byLibrary.delete(libraryId);
  }
}
