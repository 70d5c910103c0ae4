import { PassThrough } from "node:stream";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { HttpSettings } from "../http-context.ts";
import { beforeStall } from "../stall-timeout.ts";
import { ResultSpool } from "./result-spool.ts";
import { closeUnlessRead, emptinessOf, settlesWithin, type UploadRun } from "./upload-run.ts";

/** Milliseconds without a byte after which a client that came through a proxy is taken to wait for receipts. */
const pause = 1_000;

/** Each receipt the moment its line is durable, then the summary. */
export async function sendReceipts(
  request: FastifyRequest,
  reply: FastifyReply,
  run: UploadRun,
  { spoolDirectory, stallTimeout }: HttpSettings,
): Promise<FastifyReply> {
  const output = new PassThrough();
  // An upload that fails before its first receipt gets an error response, so this stream is not read.
  output.on("error", () => undefined);
  const begun = Promise.withResolvers<void>();
  const send = async (text: string | Buffer) => {
    begun.resolve();
    if (!output.write(text)) await drained(output, stallTimeout);
  };
  const receipts = new HeldReceipts(new ResultSpool(spoolDirectory), send);
  const finished = run
    .start(async (result) => {
      if (run.isWanted(result)) await receipts.add(jsonLine(result));
    })
    .then(async (summary) => {
      const error = emptinessOf(summary);
      if (error !== undefined) throw error;
      await receipts.release();
      await send(jsonLine({ summary }));
      output.end();
    });
  finished.catch((error: unknown) => {
    request.log.debug({ err: error }, "upload ended early");
    output.destroy(toArrwError(error));
  });
  output.once("close", () => void receipts.close());
  void untilProxyListens(request, run, finished)
    .then(() => receipts.release())
    .catch((error: unknown) => output.destroy(toArrwError(error)));
  // Until the first receipt, an error still has its own status.
  await Promise.race([begun.promise, finished]);
  closeUnlessRead(request, reply);
  return reply.header("x-accel-buffering", "no").type("application/x-ndjson").send(output);
}

/**
 * Proxies stop forwarding a request once it has a response (nginx, those in Go), so behind one the response begins when
 * the body has arrived, or when its sender pauses.
 */
async function untilProxyListens(request: FastifyRequest, run: UploadRun, finished: Promise<void>): Promise<void> {
  if (!isProxied(request)) return;
  const over = Promise.race([run.received, finished]);
  while (run.idle() < pause && !(await settlesWithin(over, pause / 4)));
}

/** Whether its headers show that it came through a proxy. */
function isProxied({ headers, raw }: FastifyRequest): boolean {
  const { via, forwarded, "x-forwarded-for": address, "x-real-ip": realAddress } = headers;
  // nginx speaks HTTP/1.0 to servers unless it is set otherwise.
  return [via, forwarded, address, realAddress].some((value) => value !== undefined) || raw.httpVersion === "1.0";
}

/** Spools receipts to disk until they may be sent, and from then on sends them directly. */
class HeldReceipts {
  readonly #spool: ResultSpool;
  readonly #send: (text: string | Buffer) => Promise<void>;
  #isHeld = true;
  /** Serializes its operations. */
  #last: Promise<void> = Promise.resolve();

  constructor(spool: ResultSpool, send: (text: string | Buffer) => Promise<void>) {
    this.#spool = spool;
    this.#send = send;
  }

  add(text: string): Promise<void> {
    return this.#inTurn(() => (this.#isHeld ? this.#spool.add(text) : this.#send(text)));
  }

  /** Sends the spooled receipts. */
  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      for await (const part of this.#spool.read()) if (part.length > 0) await this.#send(part);
      await this.#spool.close();
    });
  }

  close(): Promise<void> {
    return this.#spool.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Waits for the client to read; one that reads nothing for too long loses its upload. */
async function drained(output: PassThrough, timeout: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  output.once("drain", resolve);
  output.once("close", resolve);
  try {
    await beforeStall(promise, timeout, "No receipt was read");
  } finally {
    output.off("drain", resolve);
    output.off("close", resolve);
  }
}
