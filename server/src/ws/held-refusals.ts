import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { LRUCache } from "lru-cache";
import type { WebSocket } from "ws";
import { networkOf } from "../util/network.ts";

/** Milliseconds that the first close of an address is delayed; each further one twice as long. */
const firstHold = 100;
const longestHold = 16_000;
/** Milliseconds without a refusal after which an address is forgotten. */
const memory = 120_000;
const maxAddresses = 10_000;
/** Maximum of connections waiting to be closed, per address and in total. */
const heldOfAddress = 32;
const heldInAll = 1_024;
/** Milliseconds that a peer has to confirm the close. */
const closeTimeout = 5_000;

interface Peer {
  refusals: number;
  held: number;
}

/**
 * Refused connections, which are opened in order to send the reason. A client that takes the opening for success and
 * reconnects on every close would loop without a pause, so each close is delayed longer than the last.
 */
export class HeldRefusals {
  readonly #peers = new LRUCache<string, Peer>({ max: maxAddresses, ttl: memory });
  readonly #held = new Map<WebSocket, () => void>();
  #closed = false;

  /** @throws ArrwError `rate_limited` if the limit is reached, so that the connection is refused without being opened */
  checkRoom(address: string): void {
    const { held } = this.#peers.get(networkOf(address)) ?? { held: 0 };
    if (held < heldOfAddress && this.#held.size < heldInAll) return;
    const message = `${heldOfAddress} refused connections from this address are still closing; connect less often`;
    throw new ArrwError("rate_limited", message, { retryAfter: longestHold / 1_000 });
  }

  /** Closes the connection with the refusal's close code, after its delay. */
  refuse(webSocket: WebSocket, refusal: ArrwError, address: string): void {
    const name = networkOf(address);
    const peer = this.#peers.get(name) ?? { refusals: 0, held: 0 };
    const hold = Math.min(firstHold * 2 ** peer.refusals, longestHold);
    peer.refusals++;
    peer.held++;
    // Set again also if known, which renews its time to live.
    this.#peers.set(name, peer);
    const close = () => {
      clearTimeout(timer);
      if (!this.#held.delete(webSocket)) return;
      peer.held--;
      webSocket.close(refusal.definition.close ?? 1011, refusal.message.slice(0, 100));
      setTimeout(() => webSocket.terminate(), closeTimeout).unref();
    };
    const timer = setTimeout(close, hold).unref();
    this.#held.set(webSocket, close);
    webSocket.once("close", close);
    webSocket.on("error", () => webSocket.terminate());
    if (this.#closed) close();
  }

  /** Closes the waiting connections, and later ones without a delay. */
  close(): void {
    this.#closed = true;
    for (const close of this.#held.values()) close();
  }
}
