import { KeyRing } from "../../../server/src/access/key-ring.ts";
import { createWebhooks, type WebhookService } from "../../../server/src/core/webhooks/webhook-service.ts";
import { PostgresStore } from "../../../server/src/store/postgres/postgres-store.ts";
import { noMonitor } from "../../../server/src/telemetry/monitor.ts";
import { CuttingProxy } from "../../support/peers/cutting-proxy.ts";
import { temporaryDirectory } from "../../support/server/test-server.ts";

const day = 86_400_000;

/** A node that delivers webhooks. Its connections to PostgreSQL can be cut. */
export class WebhookNode implements AsyncDisposable {
  readonly store: PostgresStore;
  readonly keys: KeyRing;
  readonly service: WebhookService;
  readonly faults: string[] = [];
  readonly #network: CuttingProxy;

  /** @param url of the database */
  static async start(url: string): Promise<WebhookNode> {
    const { host, pathname, search } = new URL(url);
    const network = await CuttingProxy.start(`http://${host}`);
    const store = await PostgresStore.open({
      url: `postgres://postgres@${new URL(network.url).host}${pathname}${search}`,
      directory: await temporaryDirectory(),
    });
    const keys = await KeyRing.load({ store: store.keys, adminKey: "arrw_admin", onFault: () => undefined });
    const node = new WebhookNode(store, network, keys);
    await node.service.dispatcher.start(keys);
    return node;
  }

  private constructor(store: PostgresStore, network: CuttingProxy, keys: KeyRing) {
    this.store = store;
    this.keys = keys;
    this.#network = network;
    this.service = createWebhooks(store, store.webhooks, {
      allowed: { own: true, networks: [] },
      timeout: 15_000,
      firstRetry: 100,
      longestDelay: 1_000,
      disableAfter: day,
      monitor: noMonitor,
      onFault: (what) => this.faults.push(what),
    });
  }

  /** How many webhooks it delivers. */
  get held(): number {
    const { active, retrying, stopped } = this.service.dispatcher.states;
    return active + retrying + stopped;
  }

  /** From now on PostgreSQL cannot be reached. */
  disconnect(): void {
    this.#network.refuse(true);
    this.#network.cut();
  }

  /** From now on PostgreSQL does not answer, nor hear. */
  silence(): void {
    this.#network.silence(true);
  }

  reconnect(): void {
    this.#network.heal();
  }

  /** Leaves its webhooks to others. */
  async stop(): Promise<void> {
    await this.service.dispatcher.drain(10_000);
    await this.service.dispatcher.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.dispatcher.stop();
    await this.keys.close();
    await this.store.close();
    await this.#network[Symbol.asyncDispose]();
  }
}
