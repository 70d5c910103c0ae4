import { ArrwError } from "@arrwdb/protocol/errors";
import { BuiltinEmbedder } from "./builtin/builtin-embedder.ts";
import type { Embedder } from "./embedder.ts";
import type { EmbedderRegistry } from "./embedder-registry.ts";
import { createProvider, type EmbeddingSettings } from "./embedding-settings.ts";
import type { EmbeddingLedger } from "./embedding-cache.ts";
import { noMonitor, type Monitor } from "../telemetry/monitor.ts";
import { LedgeredEmbedder } from "./caching-embedder.ts";
import { MeasuredEmbedder } from "./measured-embedder.ts";
import { QueryCache } from "./query-cache.ts";

export interface EmbeddersOptions {
  readonly settings: EmbeddingSettings;
  readonly ledger: EmbeddingLedger;
  readonly onLedgerError: (error: unknown) => void;
  readonly monitor?: Monitor | undefined;
}

/** The configured model, and the built-in one, which is always there but loaded only where it is used. */
export class Embedders implements EmbedderRegistry {
  readonly default: Embedder;
  readonly #builtin: BuiltinEmbedder;
  readonly #embedders: ReadonlyMap<string, Embedder>;
  /** As the setting has it, without the variant. */
  readonly #configured: string;
  readonly #loadsAtStart: boolean;

  /** @throws Error that tells which setting is missing or wrong. */
  constructor({ settings, ledger, onLedgerError, monitor = noMonitor }: EmbeddersOptions) {
    const provider = createProvider({
      ...settings,
      onTokens: (model, tokens) => monitor.tokensUsed(model, tokens),
    });
    const remember = (embedder: Embedder) => {
      const measured = new MeasuredEmbedder(embedder, monitor);
      return new QueryCache(new LedgeredEmbedder({ inner: measured, ledger, onLedgerError, monitor }), { monitor });
    };
    this.#configured = settings.embedding;
    this.#builtin = new BuiltinEmbedder({ threads: settings.threads });
    const builtin = remember(this.#builtin);
    this.default = provider === undefined ? builtin : remember(provider);
    this.#loadsAtStart = provider === undefined && settings.loadOnFirstUse !== true;
    this.#embedders = new Map([
      [builtin.id, builtin],
      [this.default.id, this.default],
    ]);
  }

  choose(name: string): Embedder {
    return name === this.#configured ? this.default : this.resolve(name);
  }

  resolve(id: string): Embedder {
    const embedder = this.#embedders.get(id);
    if (embedder !== undefined) return embedder;
    const known = [...this.#embedders.keys()].join(", ");
    const [model = ""] = id.split("#");
    const remedy =
      model === this.#configured
        ? "start it with the ARRWDB_EMBEDDING_DOCUMENT_PREFIX, _QUERY_PREFIX, _DOCUMENT_FIELDS and _QUERY_FIELDS that the library was created with, or create a new library: vectors made with different settings are not comparable"
        : `start it with ARRWDB_EMBEDDING=${model}`;
    const message = `embedding_model: ${JSON.stringify(id)} is not configured on this server (configured: ${known}); ${remedy}`;
    throw new ArrwError("embedder_unavailable", message, { field: "embedding_model" });
  }

  /** Loads the model that new libraries use, unless it waits for its first text. */
  async start(): Promise<void> {
    if (this.#loadsAtStart) await this.#builtin.start();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#embedders.values()].map((embedder) => embedder.close()));
  }
}
