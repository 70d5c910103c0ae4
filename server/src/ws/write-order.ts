/** Runs the last step of each write in the order of the requests; the steps before it may overlap. */
export class WriteOrder {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param prepare starts immediately
   * @param commit starts when every earlier write has ended, successfully or not
   */
  run<Prepared, Result>(prepare: Promise<Prepared>, commit: (prepared: Prepared) => Promise<Result>): Promise<Result> {
    const before = this.#last;
    const result = prepare.then(async (prepared) => {
      await before;
      return commit(prepared);
    });
    this.#last = Promise.allSettled([before, result]);
    return result;
  }
}
