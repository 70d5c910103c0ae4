import type { Receipt } from "arrwdb-client";
import { print, printJson, styleMessage } from "../terminal/terminal-output.ts";
import type { ProgressBar } from "../terminal/progress-bar.ts";
import { counted } from "../terminal/units.ts";

/** Maximum of failures listed in the JSON summary; all of them are counted. */
const namedFailures = 1_000;

/** Reports the progress of an ingestion, and its outcome. */
export class IngestReport {
  readonly #progress: ProgressBar;
  readonly #asJson: boolean;
  readonly #started = performance.now();
  readonly #named: string[] = [];
  #stored = 0;
  #replayed = 0;
  #chunks = 0;
  #failures = 0;
  #seq: number;
  #bytes = 0;

  /** @param seq the library's position before it */
  constructor(progress: ProgressBar, asJson: boolean, seq: number) {
    this.#progress = progress;
    this.#seq = seq;
    this.#asJson = asJson;
  }

  get stored(): number {
    return this.#stored;
  }

  get failures(): number {
    return this.#failures;
  }

  /** @param bytes of all sources, up to and with this document */
  received({ num_chunks, seq, replayed }: Receipt, bytes: number): void {
    this.#stored += 1;
    if (replayed === true) this.#replayed += 1;
    this.#chunks += num_chunks;
    this.#seq = Math.max(this.#seq, seq);
    this.#bytes = Math.max(this.#bytes, bytes);
    this.#show();
  }

  /** @param message includes the place of the failure */
  failed(message: string): void {
    this.#failures += 1;
    if (this.#named.length < namedFailures) this.#named.push(message);
    if (!this.#asJson) this.#progress.tell(`${styleMessage("red", "failed:")} ${message}`);
    this.#show();
  }

  close(): void {
    this.#progress[Symbol.dispose]();
  }

  async finish(skipped: number): Promise<void> {
    this.close();
    const seconds = (performance.now() - this.#started) / 1_000;
    const [documents, replayed, chunks, failed] = [this.#stored, this.#replayed, this.#chunks, this.#failures];
    if (this.#asJson) {
      const failures = this.#named;
      return printJson({ documents, replayed, chunks, failed, skipped, seq: this.#seq, seconds, failures });
    }
    await print(`Stored ${counted(documents, "document")} with ${counted(chunks, "chunk")} in ${seconds.toFixed(1)} s`);
    if (replayed > 0) await print(`${replayed} of them already stored by an earlier run`);
    if (failed > 0) await print(`${failed} failed`);
    if (skipped > 0) await print(`${counted(skipped, "file")} of unknown format skipped`);
  }

  #show(): void {
    const failed = this.#failures === 0 ? "" : `, ${this.#failures} failed`;
    this.#progress.update(this.#bytes, `${counted(this.#stored, "document")}${failed}`);
  }
}
