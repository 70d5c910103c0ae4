import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { AnswerSize } from "../../rows/answer-size.ts";
import type { FoundGroup } from "../groups/group-ranker.ts";
import type { HitText } from "./hit-serializer.ts";

/**
 * Serializes groups, whose hits are serialized already.
 *
 * @param size that of the answer, which has each hit of a group once more
 * @throws ArrwError `answer_too_large`
 */
export function groupsAsJson(
  groups: readonly FoundGroup[],
  hitTexts: ReadonlyMap<number, HitText>,
  size: AnswerSize,
): string {
  const texts = groups.map(({ value, hits }) => {
    const results = hits.map(({ key }) => {
      const hit = hitTexts.get(key);
      if (hit === undefined) throw new Error(`Chunk ${key} is in a group but not among the hits`);
      if (!size.add(hit)) throw size.refusal();
      return hit.json;
    });
    return `{"value":${stringifyExactly(value)},"results":[${results.join(",")}]}`;
  });
  return `[${texts.join(",")}]`;
}
