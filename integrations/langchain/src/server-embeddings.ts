import { Embeddings } from "@langchain/core/embeddings";

/** In place of embeddings where the server makes the vectors. LangChain asks every store for some. */
export class ServerEmbeddings extends Embeddings {
  constructor() {
    super({});
  }

  override embedDocuments(): Promise<number[][]> {
    return this.#refuse();
  }

  override embedQuery(): Promise<number[]> {
    return this.#refuse();
  }

  async #refuse(): Promise<never> {
    throw new Error("This store leaves embedding to the server; pass Embeddings to work with vectors");
  }
}
