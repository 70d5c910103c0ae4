import { createWebhooks, type WebhookService } from "../../../server/src/core/webhooks/webhook-service.ts";
import { PostgresStore } from "../../../server/src/store/postgres/postgres-store.ts";
import { noMonitor } from "../../../server/src/telemetry/monitor.ts";
import { CuttingProxy } from "../../support/peers/cutting-proxy.ts";
import { temporaryDirectory } from "../../support/server/test-server.ts";

const day = 86_400_000;
/** Keys that never end. */
const owners = { onEnd: () => () => undefined };

/** A node that delivers webhooks. Its connections to PostgreSQL can be cut. */
export class WebhookNode implements AsyncDisposable {
  readonly store: PostgresStore;
  readonly service: WebhookService;
  readonly faults: string[] = [];
  readonly #network: CuttingProxy;

  /** @param url of the database */
  static async start(url: string): Promise<WebhookNode> {
    const { host, pathname } = new URL(url);
    const network = await CuttingProxy.start(`http://${host}`);
    const store = await PostgresStore.open({
      url: `postgres://postgres@${new URL(network.url).host}${pathname}`,
      directory: await temporaryDirectory(),
    });
    const node = new WebhookNode(store, network);
    await node.service.dispatcher.start(owners);
    return node;
  }

  private constructor(store: PostgresStore, network: CuttingProxy) {
    this.store = store;
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
    await this.store.close();
    await this.#network[Symbol.asyncDispose]();
  }
}
