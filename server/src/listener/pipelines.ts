import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "../util/network.ts";
import { addressOf } from "../util/peer-address.ts";

/** Maximum of pipelined requests waiting per socket, per address, and in total. */
const waitingOfSocket = 1_000;
const waitingOfAddress = 8_192;
const waitingOfAll = 16_384;
/** Number of waiting requests at which the socket is paused, for backpressure. */
const enough = 16;

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface RequestLine {
  /** What its address is counted by. */
  readonly network: string;
  readonly waiting: Turn[];
  /** What is answered now. */
  current: ServerResponse | undefined;
  /** The limit was exceeded: later requests are ignored. */
  isOver: boolean;
}

/**
 * Serves pipelined requests of a client one after the other, as responses are sent in that order anyway. So a socket
 * has one request in progress, however many it pipelines.
 */
export class Pipelines {
  readonly #lines = new WeakMap<Socket, RequestLine>();
  readonly #serve: RequestListener;
  readonly #refuse: RequestListener;
  readonly #ofNetwork = new Map<string, number>();
  #waiting = 0;

  /** @param refuse answers a request beyond the limit, and closes its connection */
  constructor(serve: RequestListener, refuse: RequestListener) {
    this.#serve = serve;
    this.#refuse = refuse;
  }

  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.#lineOf(request);
    if (line.isOver) return;
    if (line.current === undefined) return this.#begin(socket, line, { request, response }, this.#serve);
    if (line.waiting.length >= waitingOfSocket || this.#isFull(line.network)) line.isOver = true;
    line.waiting.push({ request, response });
    this.#count(line.network, 1);
    if (line.waiting.length >= enough) socket.pause();
  }

  /** The response in progress on the socket. */
  current(socket: Socket): ServerResponse | undefined {
    return this.#lines.get(socket)?.current;
  }

  #isFull(network: string): boolean {
    return this.#waiting >= waitingOfAll || (this.#ofNetwork.get(network) ?? 0) >= waitingOfAddress;
  }

  #count(network: string, more: number): void {
    const own = (this.#ofNetwork.get(network) ?? 0) + more;
    this.#waiting += more;
    if (own === 0) this.#ofNetwork.delete(network);
    else this.#ofNetwork.set(network, own);
  }

  #lineOf(request: IncomingMessage): RequestLine {
    const { socket } = request;
    const known = this.#lines.get(socket);
    if (known !== undefined) return known;
    const line: RequestLine = {
      network: networkOf(addressOf(request)),
      waiting: [],
      current: undefined,
      isOver: false,
    };
    this.#lines.set(socket, line);
    socket.once("close", () => {
      this.#count(line.network, -line.waiting.length);
      line.waiting.length = 0;
      line.isOver = true;
    });
    return line;
  }

  #begin(socket: Socket, line: RequestLine, { request, response }: Turn, serve: RequestListener): void {
    line.current = response;
    response.once("close", () => {
      line.current = undefined;
      this.#next(socket, line);
    });
    serve(request, response);
  }

  #next(socket: Socket, line: RequestLine): void {
    const turn = line.waiting.shift();
    if (turn === undefined || socket.destroyed) return;
    this.#count(line.network, -1);
    const isLast = line.isOver && line.waiting.length === 0;
    if (line.waiting.length < enough && socket.isPaused() && !line.isOver) socket.resume();
    this.#begin(socket, line, turn, isLast ? this.#refuse : this.#serve);
  }
}
