import { ArrwError } from "@arrwdb/protocol/errors/errors";

/**
 * Checks that all events after a position are retained.
 *
 * @param library its position, and that after which all events are retained
 * @throws ArrwError `position_ahead`, `position_expired`
 */
export function checkEventRange(
  afterSeq: number,
  library: { readonly seq: number; readonly earliestSeq: number },
): void {
  const { seq, earliestSeq } = library;
  if (afterSeq > seq) {
    const message = `from_seq: ${afterSeq} is ahead of the library's position, ${seq} (was its data replaced?); reload the data and resume from there`;
    throw new ArrwError("position_ahead", message, { field: "from_seq" });
  }
  if (afterSeq < earliestSeq) {
    const message = `from_seq: some events after ${afterSeq} have expired, only events after ${earliestSeq} are available; reload the data and resume from its seq`;
    throw new ArrwError("position_expired", message, { field: "from_seq", earliestSeq });
  }
}
