import { describe, expect, it } from "vitest";
import { Effort } from "./search-effort.ts";

const found = { recall: 0.995, queries: 144, nodes: 1_000, chunks: 1_200, at: 1 };

describe("The effort of an index", () => {
  it("is unknown until it was measured, and then as much as that took, for few and for many", () => {
    const effort = new Effort(40);
    expect([effort.for(1), effort.due(0), effort.due(1)]).toEqual([undefined, false, true]);
    effort.learn({ ...found, near: 100, far: 234 });
    expect([1, 16, 83, 150, 300].map((count) => effort.for(count))).toEqual([100, 100, 167, 234, 468]);
    effort.learn({ ...found, near: 20, far: 30 });
    expect(effort.for(1)).toBe(40);
    effort.learn({ ...found, near: 100, far: null });
    expect([effort.for(16), effort.for(17)]).toEqual([100, undefined]);
    effort.learn({ ...found, near: null, far: null });
    expect(effort.for(1)).toBeUndefined();
  });

  it("is measured again when the graph has grown by half, or lost a fifth", () => {
    const effort = new Effort(40, { ...found, near: 100, far: 200 });
    expect([effort.due(1_000), effort.due(1_500), effort.due(1_501)]).toEqual([false, false, true]);
    effort.removed(200);
    expect(effort.due(900)).toBe(false);
    effort.removed(1);
    expect([effort.due(900), effort.due(0)]).toEqual([true, false]);
    effort.learn({ ...found, near: 100, far: 200 });
    expect(effort.due(900)).toBe(false);
  });

  it("is raised where real searches found too little, until everything is compared", () => {
    const effort = new Effort(40, { ...found, near: 400, far: 800 });
    const seen: unknown[] = [];
    while (effort.increaseEffort()) seen.push([effort.for(1), effort.for(150)]);
    expect(seen).toEqual([
      [600, 1_200],
      [900, undefined],
      [undefined, undefined],
    ]);
    expect(effort.measured?.near).toBeNull();
  });
});
