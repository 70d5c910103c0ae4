/**
 * Pairs requests with answers that have no key, by position. One answer too few or too many means that no position can be
 * trusted, so none is.
 *
 * @throws Error unless there is one answer for each
 */
export function paired<Asked, Answer>(
  asked: readonly Asked[],
  answers: readonly Answer[],
  answerer: string,
): readonly (readonly [Asked, Answer])[] {
  const isWhole = asked.length === answers.length && asked.every((_, place) => Object.hasOwn(answers, place));
  if (!isWhole) throw new Error(`${answerer} returned ${answers.length} results for ${asked.length} requests`);
  return asked.flatMap((one, place) => answers.slice(place, place + 1).map((answer) => [one, answer] as const));
}
