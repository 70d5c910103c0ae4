import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one socket, and of all, that may wait behind one that is not answered yet. */
const waitingOfSocket = 1_000;
const waitingOfAll = 16_384;
/** From so many on the socket is not read, so that what comes after waits in the network. */
const enough = 16;

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Line {
  readonly waiting: Turn[];
  /** What is answered now. */
  current: ServerResponse | undefined;
  /** More came than may wait: what comes after is not looked at. */
  isOver: boolean;
}

/**
 * Requests that a client sends without waiting for answers are served one after the other, as their answers go out in this
 * order anyway. So a socket is one request in progress, however many it pipelines.
 */
export class Pipelines {
  readonly #lines = new WeakMap<Socket, Line>();
  readonly #serve: RequestListener;
  readonly #refuse: RequestListener;
  #waiting = 0;

  /** @param refuse answers a request that is one too many, and closes its connection */
  constructor(serve: RequestListener, refuse: RequestListener) {
    this.#serve = serve;
    this.#refuse = refuse;
  }

  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.#lineOf(socket);
    if (line.isOver) return;
    if (line.current === undefined) return this.#begin(socket, line, { request, response }, this.#serve);
    if (line.waiting.length >= waitingOfSocket || this.#waiting >= waitingOfAll) line.isOver = true;
    line.waiting.push({ request, response });
    this.#waiting++;
    if (line.waiting.length >= enough) socket.pause();
  }

  /** The answer that is being made for what the socket has sent. */
  current(socket: Socket): ServerResponse | undefined {
    return this.#lines.get(socket)?.current;
  }

  #lineOf(socket: Socket): Line {
    const known = this.#lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { waiting: [], current: undefined, isOver: false };
    this.#lines.set(socket, line);
    socket.once("close", () => {
      this.#waiting -= line.waiting.length;
      line.waiting.length = 0;
      line.isOver = true;
    });
    return line;
  }

  #begin(socket: Socket, line: Line, { request, response }: Turn, serve: RequestListener): void {
    line.current = response;
    response.once("close", () => {
      line.current = undefined;
      this.#next(socket, line);
    });
    serve(request, response);
  }

  #next(socket: Socket, line: Line): void {
    const turn = line.waiting.shift();
    if (turn === undefined || socket.destroyed) return;
    this.#waiting--;
    const isLast = line.isOver && line.waiting.length === 0;
    if (line.waiting.length < enough && socket.isPaused() && !line.isOver) socket.resume();
    this.#begin(socket, line, turn, isLast ? this.#refuse : this.#serve);
  }
}
