import { Pool } from "undici";

/**
 * HTTP with as little between the caller and the socket as Node has, so that a load costs the cores that it shares with
 * the server as little as it can: connections that stay open, bodies that are ready, answers as one text.
 */
export class LeanHttp {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** @throws Error with the answer's text where the status is not 2xx. */
  post(path: string, body: Buffer | string, contentType: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      this.#pool.dispatch(
        { method: "POST", path, body, headers: ["content-type", contentType] },
        {
          // Asked for, though its type says otherwise.
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_controller, chunk) => {
            chunks.push(chunk);
          },
          onResponseEnd: () => {
            const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? "";
            if (status >= 200 && status < 300) resolve(text);
            else reject(new Error(`POST ${path} was answered with ${status}: ${text.slice(0, 500)}`));
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
