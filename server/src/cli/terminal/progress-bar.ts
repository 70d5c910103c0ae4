import cliProgress from "cli-progress";

/** A progress bar on a terminal; silent otherwise. */
export class ProgressBar implements Disposable {
  readonly #bar: cliProgress.SingleBar | undefined;
  #words = "";

  /**
   * @param total the value of 100 %
   * @param shown whether it may be shown at all; false with `--json`
   */
  constructor(total: number, shown: boolean) {
    if (!shown || !process.stderr.isTTY) return;
    const format = "  {bar} {percentage}%  {words}";
    this.#bar = new cliProgress.SingleBar(
      { format, stream: process.stderr, hideCursor: true, linewrap: false, clearOnComplete: true, gracefulExit: false },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(Math.max(1, total), 0, { words: "" });
  }

  /** @param words the text after the bar */
  update(done: number, words: string): void {
    this.#words = words;
    this.#bar?.update(done, { words });
  }

  /** Writes a message above the bar. */
  tell(line: string): void {
    if (this.#bar === undefined) {
      process.stderr.write(`${line}\n`);
      return;
    }
    process.stderr.write(`\r\u001b[K${line}\n`);
    this.#bar.update({ words: this.#words });
  }

  /** Removes the bar and restores the cursor. */
  [Symbol.dispose](): void {
    this.#bar?.stop();
  }
}
