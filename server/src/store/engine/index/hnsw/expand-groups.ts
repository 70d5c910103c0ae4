import type { Candidate } from "../../vectors/nearest.ts";

/** Maximum members of one group in a proposal if their vectors may differ, so that all have to be measured. */
const mostDiffering = 4_096;

/** Chunks that share a code. */
export interface CodeGroup {
  /** Ascending. */
  readonly members: number[];
  /** Whether their vectors are equal too, bit for bit. */
  equal: boolean;
}

/**
 * The chunks of these rows, nearest first, at least `count` if there are so many.
 *
 * @param membersOf returns the selected members of a group, if not all are
 */
export function expanded(
  found: readonly Candidate[],
  count: number,
  groupOf: (leader: number) => CodeGroup | undefined,
  membersOf?: (leader: number, group: CodeGroup) => readonly number[],
): readonly Candidate[] {
  const all: Candidate[] = [];
  for (const { key: leader, distance } of found.toSorted((a, b) => a.distance - b.distance)) {
    const group = groupOf(leader);
    if (group === undefined) {
      all.push({ key: leader, distance });
      continue;
    }
    const members = membersOf?.(leader, group) ?? group.members;
    const most = group.equal ? count : Math.max(count, mostDiffering);
    for (const key of members.length > most ? members.slice(0, most) : members) {
      all.push(group.equal ? { key, distance, equal: leader } : { key, distance });
    }
  }
  return all;
}
