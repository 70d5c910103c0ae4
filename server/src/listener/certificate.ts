import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { RequestListener, Server as HttpServer, ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import { createSecureContext } from "node:tls";
import type { Logger } from "pino";

/** Milliseconds between checks of the files, which detect any way of replacing them. */
const watchInterval = 2_000;

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key from files, which are read again when they change. */
export class Certificate {
  readonly #files: CertificateFiles;
  readonly #logger: Logger;
  #server: Server | undefined;

  /** @throws Error if the files cannot be read, or do not match */
  constructor(files: CertificateFiles, logger: Logger) {
    this.#files = files;
    this.#logger = logger;
    this.#read();
  }

  createServer(options: ServerOptions & { readonly handshakeTimeout: number }, handle: RequestListener): HttpServer {
    const server = createServer({ ...options, ...this.#read() }, handle);
    this.#server = server;
    for (const file of [this.#files.cert, this.#files.key]) {
      watchFile(file, { interval: watchInterval, persistent: false }, this.#changed);
    }
    return server;
  }

  /** New connections use the current files; if those are invalid, the previous ones. */
  reload(): void {
    try {
      this.#server?.setSecureContext(this.#read());
      this.#logger.info({ certificate: this.#files.cert }, "certificate reloaded");
    } catch (error) {
      this.#logger.error({ err: error }, "the new certificate cannot be used; keeping the previous one");
    }
  }

  close(): void {
    for (const file of [this.#files.cert, this.#files.key]) unwatchFile(file, this.#changed);
  }

  readonly #changed = () => this.reload();

  #read(): { readonly cert: Buffer; readonly key: Buffer } {
    const pair = { cert: readFileSync(this.#files.cert), key: readFileSync(this.#files.key) };
    // Throws if the key does not match the certificate.
    createSecureContext(pair);
    return pair;
  }
}
