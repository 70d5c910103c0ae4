import { setTimeout as delay } from "node:timers/promises";
import type { ArrwError } from "@arrwdb/protocol/errors/errors";
import { whenAborted } from "../../../util/abortable.ts";
import { fromErrorData } from "./error-data.ts";
import type { Abandonment, CallOf, OperationMap, Outcome, ThreadReply } from "./thread-messages.ts";
import type { TypedWorker } from "../../../util/typed-thread.ts";
import { PendingCalls } from "./pending-calls.ts";
import { Utilization } from "../../../scheduling/utilization.ts";

/** Milliseconds that a thread has to load its modules before it is terminated. */
const loadTimeout = 10_000;

/** Messages to the thread: calls made in one turn of the event loop, and cancellations. */
export type ThreadCalls<Operations extends OperationMap<Operations>> = readonly (CallOf<Operations> | Abandonment)[];

export interface ThreadClientOptions<Operations extends OperationMap<Operations>> {
  readonly thread: TypedWorker<ThreadReply, ThreadCalls<Operations>>;
  /** Handles messages that are not answers. */
  readonly onMessage: (reply: ThreadReply) => void;
  /** Called once, however it ended. */
  readonly onEnd: (cause: unknown) => void;
}

/** The main thread's side of a thread of the store. */
export class ThreadClient<Operations extends OperationMap<Operations>> {
  readonly #thread: TypedWorker<ThreadReply, ThreadCalls<Operations>>;
  readonly #options: ThreadClientOptions<Operations>;
  readonly #pending = new PendingCalls();
  readonly #outgoing: (CallOf<Operations> | Abandonment)[] = [];
  readonly #opened = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #loaded = Promise.withResolvers<void>();
  #refusal: ArrwError | undefined;
  readonly #utilization: Utilization;

  constructor(options: ThreadClientOptions<Operations>) {
    this.#options = options;
    this.#thread = options.thread;
    const { worker } = options.thread;
    this.#utilization = new Utilization(worker);
    this.#thread.onMessage((reply) => this.#receive(reply));
    let cause: unknown;
    worker.on("error", (error) => (cause = error));
    worker.on("exit", () => {
      options.onEnd(cause);
      this.#loaded.resolve();
      this.#exited.resolve();
    });
  }

  /** @throws ArrwError if it could not open */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** Number of calls without an answer yet. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Utilization of the thread since the last call, from 0 to 1. */
  get utilization(): number {
    return this.#utilization.look();
  }

  /** @param signal aborts the wait with its reason, and notifies the thread, which decides what to do with the call */
  call<Name extends keyof Operations & string>(
    operation: Name,
    take: Operations[Name]["take"],
    signal?: AbortSignal,
  ): Promise<Operations[Name]["give"]> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    const { promise, resolve, reject } = Promise.withResolvers<Operations[Name]["give"]>();
    const id = this.#pending.add({ resolve, reject });
    const call: CallOf<Operations, Name> = { id, operation, take };
    this.#send(call);
    if (signal === undefined) return promise;
    const stay = whenAborted(signal, (reason) => {
      reject(reason);
      this.#pending.take(id);
      this.#send({ id, operation: "abandon" });
    });
    return promise.finally(stay);
  }

  /** Calls made in one turn of the event loop are sent together: a message costs more than its contents. */
  #send(call: CallOf<Operations> | Abandonment): void {
    this.#outgoing.push(call);
    if (this.#outgoing.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const outgoing = this.#outgoing.splice(0);
    try {
      this.#thread.send(outgoing);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      for (const { id } of outgoing) this.#pending.take(id)?.reject(cause);
    }
  }

  /** Refuses further calls; pending ones are still answered. */
  refuse(reason: ArrwError): void {
    this.#refusal ??= reason;
  }

  /** Rejects pending calls. */
  fail(reason: ArrwError): void {
    this.refuse(reason);
    this.#opened.reject(reason);
    for (const pending of this.#pending.takeAll()) pending.reject(reason);
  }

  /** Terminates the thread after its modules are loaded: interrupting the load of a native one crashes the process. */
  async terminate(): Promise<void> {
    await Promise.race([this.#loaded.promise, delay(loadTimeout, undefined, { ref: false })]);
    await this.#thread.worker.terminate();
  }

  #receive(reply: ThreadReply): void {
    this.#loaded.resolve();
    switch (reply.type) {
      case "loaded":
        return;
      case "opened":
        return this.#opened.resolve();
      case "failed":
        return this.#opened.reject(fromErrorData(reply.error));
      case "answers":
        for (const { id, outcome } of reply.answers) this.#settle(id, outcome);
        return;
      case "events":
      case "expiring":
      case "opening":
      case "recovered":
      case "log":
        return this.#options.onMessage(reply);
    }
  }

  #settle(id: number, outcome: Outcome<unknown>): void {
    const pending = this.#pending.take(id);
    if ("error" in outcome) pending?.reject(fromErrorData(outcome.error));
    else pending?.resolve(outcome.value);
  }
}
