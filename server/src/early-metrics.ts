import type { IncomingMessage, ServerResponse } from "node:http";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import type { Access } from "./access/access.ts";
import { checkRate } from "./access/usage-limits.ts";
import { answerProblem } from "./listener/plain-answer.ts";
import type { MetricsPage } from "./http/http-context.ts";
import { addressOf } from "./util/peer-address.ts";
import { requestIdOf } from "./util/request-id.ts";

/** `/metrics` while the server starts, for clients authorized to read it. */
export class EarlyMetrics {
  readonly #metrics: MetricsPage;
  readonly #load: () => Promise<Access | undefined>;
  #access: Access | undefined;

  /** @param load returns the access control; undefined if it is not loaded yet */
  constructor(metrics: MetricsPage, load: () => Promise<Access | undefined>) {
    this.#metrics = metrics;
    this.#load = load;
  }

  /**
   * Responds to the request. False if it cannot be authorized yet.
   *
   * @param closing aborts when the server begins to stop
   */
  async serve(request: IncomingMessage, response: ServerResponse, closing: AbortSignal): Promise<boolean> {
    const access = (this.#access ??= await this.#load());
    if (access === undefined) return false;
    try {
      this.#admit(access, request);
      const text = await this.#metrics.render();
      response.setHeader("x-request-id", requestIdOf(request.headers));
      response.setHeader("content-type", this.#metrics.contentType).setHeader("cache-control", "no-store");
      response.setHeader("content-length", Buffer.byteLength(text)).end(request.method === "HEAD" ? undefined : text);
    } catch (error) {
      answerProblem(request, response, toArrwError(error), closing);
    }
    return true;
  }

  /** The server is ready, and serves `/metrics` itself. */
  async close(): Promise<void> {
    const access = this.#access;
    this.#access = undefined;
    await access?.keys.close();
  }

  #admit(access: Access, request: IncomingMessage): void {
    access.checkOrigin(request);
    try {
      const principal = access.authenticate(request);
      access.authorize(principal, { scope: "read", libraryId: undefined, narrowed: false });
    } catch (error) {
      checkRate(access.usage.rateOfAddress(addressOf(request)));
      throw error;
    }
  }
}
