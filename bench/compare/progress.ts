import cliProgress from "cli-progress";

/** Tells on stderr what is being done: bars on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #begin = performance.now();
  #bar: cliProgress.SingleBar | undefined;

  /** A line that stays. */
  say(text: string): void {
    this.#endBar();
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(0).padStart(5);
    process.stderr.write(`${seconds} s  ${text}\n`);
  }

  /** Long work of known length; what is returned is told of each part. The next thing said ends it. */
  work(text: string, total: number): (done: number) => void {
    this.say(text);
    if (!process.stderr.isTTY) return () => undefined;
    const bar = new cliProgress.SingleBar(
      { format: "         {bar} {value}/{total}", hideCursor: true, linewrap: false, clearOnComplete: true, fps: 5 },
      cliProgress.Presets.shades_classic,
    );
    bar.start(total, 0);
    this.#bar = bar;
    return (done) => bar.increment(done);
  }

  end(): void {
    this.#endBar();
  }

  #endBar(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
