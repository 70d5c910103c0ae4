import { type Bytes, bytesOf, readFile, writeFile } from "../../vectors/binary-file.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import { CodeGroups } from "./code-groups.ts";
import type { CodeGroup } from "./expand-groups.ts";
import type { FrozenCodes } from "./frozen-codes.ts";

/** Keys written per step. */
const keysAtOnce = 4_096;

/** Length of the encoded groups: per group its leader, whether its vectors are equal, the number of members, and these. */
export function groupedNumbers({ groups }: CodeGroups): number {
  return groups.values().reduce((sum, { members }) => sum + 3 + members.length, 0);
}

/** Writes the leaders of rows, then their codes, then the groups, in steps. */
export function writeCodes(path: string, codes: FrozenCodes): Steps<void> {
  const { keys, blocks } = codes.rows;
  function* parts(): Generator<Bytes> {
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      yield bytesOf(BigUint64Array.from(keys.slice(from, from + keysAtOnce), BigInt));
    }
    yield* blocks;
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      const groups = codes.groups(from, from + keysAtOnce);
      const numbers = groups.flatMap(([leader, { members, equal }]) => [
        leader,
        equal ? 1 : 0,
        members.length,
        ...members,
      ]);
      yield bytesOf(Float64Array.from(numbers));
    }
  }
  return writeFile(path, parts());
}

/** Reads them in steps. @throws if the file is incomplete */
export function* readCodes(
  path: string,
  dimension: number,
  { rows, grouped }: { readonly rows: number; readonly grouped: number },
): Steps<CodeGroups> {
  return yield* readFile(path, function* (fill): Steps<CodeGroups> {
    const leaders = new BigUint64Array(rows);
    fill(bytesOf(leaders));
    const codes = new CodeGroups(dimension);
    yield* codes.restore(leaders, fill, () => {
      const numbers = new Float64Array(grouped);
      fill(bytesOf(numbers));
      return groupsOf(numbers);
    });
    return codes;
  });
}

function* groupsOf(numbers: Float64Array): Generator<readonly [number, CodeGroup]> {
  for (let at = 0; at < numbers.length;) {
    const [leader = -1, equal, length = 0] = numbers.subarray(at, at + 3);
    yield [leader, { members: Array.from(numbers.subarray(at + 3, at + 3 + length)), equal: equal === 1 }];
    at += 3 + length;
  }
}
