import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  type ResourceLimits,
  type Transferable,
  Worker,
  workerData,
} from "node:worker_threads";
import { threadOptions } from "./sqlite-warning.ts";

/**
 * Threads and channels whose two ends get their types from one declaration. Messages were sent by our own code, so they are
 * not validated; this is the only place where they are given a type.
 */

/** One end of a channel between threads. */
export class TypedPort<Incoming, Outgoing> {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  send(message: Outgoing, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  onMessage(listener: (message: Incoming) => void): void {
    this.#port.on("message", listener);
  }

  /** Calls back when the other end is closed, or its thread has ended. */
  onClose(listener: () => void): void {
    this.#port.on("close", listener);
  }

  /** Receives a message that has already arrived, synchronously. */
  next(): { readonly message: Incoming } | undefined {
    const received: { readonly message: Incoming } | undefined = receiveMessageOnPort(this.#port);
    return received;
  }

  /** Lets the thread exit while the port is open. */
  unref(): void {
    this.#port.unref();
  }

  close(): void {
    this.#port.close();
  }
}

/** A channel between two threads: the types of messages in both directions. */
export class ChannelDefinition<FromLeft, FromRight> {
  left(port: MessagePort): TypedPort<FromRight, FromLeft> {
    return new TypedPort(port);
  }

  right(port: MessagePort): TypedPort<FromLeft, FromRight> {
    return new TypedPort(port);
  }
}

/** A thread, as seen by the thread that started it. */
export class TypedWorker<Incoming, Outgoing> {
  readonly worker: Worker;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  send(message: Outgoing): void {
    this.worker.postMessage(message);
  }

  onMessage(listener: (message: Incoming) => void): void {
    this.worker.on("message", listener);
  }
}

export interface ThreadStart {
  /** Another module to run, for tests of thread failures. */
  readonly file?: URL | undefined;
  /** Ports in the start parameters, which are transferred to the thread. */
  readonly transfer?: readonly Transferable[];
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** A kind of thread: its module, its start parameters, and the messages in both directions. */
export class ThreadDefinition<Settings, ToThread, FromThread> {
  readonly #file: URL;

  constructor(file: URL) {
    this.#file = file;
  }

  start(
    settings: Settings,
    { file = this.#file, transfer = [], resourceLimits }: ThreadStart = {},
  ): TypedWorker<FromThread, ToThread> {
    const limits = resourceLimits === undefined ? {} : { resourceLimits };
    const options = { workerData: settings, transferList: [...transfer], ...limits, ...threadOptions };
    return new TypedWorker(new Worker(file, options));
  }

  /** To be called in the thread itself. @throws Error in any other */
  inside(): { readonly settings: Settings; readonly port: TypedPort<ToThread, FromThread> } {
    if (parentPort === null) throw new Error("This file runs as a worker thread");
    const settings: Settings = workerData;
    return { settings, port: new TypedPort(parentPort) };
  }
}
