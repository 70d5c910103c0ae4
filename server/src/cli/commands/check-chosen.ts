import { CommandError } from "../terminal/exit-codes.ts";

/**
 * Checks that documents are chosen by ids, by filter, or with `--all`.
 *
 * @param what what happens to them, and the first way: `delete: their ids`
 * @throws CommandError
 */
export function checkChosen(what: string, ways: readonly [byId: boolean, byFilter: boolean, all: boolean]): void {
  if (ways.filter(Boolean).length === 1) return;
  throw new CommandError(`Say which documents to ${what}, --filter, or --all`, {
    exit: "usage",
    hint: "Give exactly one of the three.",
  });
}
