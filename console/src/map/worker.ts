import type { AddVectors, Places } from "./messages.ts";
import { type Axes, principalAxes, project } from "./principal-axes.ts";

/** The axes are looked for again when there are so many times as many vectors. */
const growth = 1.6;

const vectors: Float32Array[] = [];
let axes: Axes | undefined;
let fitted = 0;

/** The axis, or its opposite, whichever is nearer to the other one. */
const turned = (axis: Float32Array, other: Float32Array) => {
  const along = axis.reduce((sum, number, index) => sum + number * (other[index] ?? 0), 0);
  return along < 0 ? axis.map((number) => -number) : axis;
};

/** The directions turn as little as can be: an axis may point either way. */
function alike(next: Axes, before: Axes | undefined): Axes {
  if (before === undefined) return next;
  return { ...next, first: turned(next.first, before.first), second: turned(next.second, before.second) };
}

addEventListener("message", ({ data }: MessageEvent<AddVectors>) => {
  let from = vectors.length;
  for (let start = 0; start < data.vectors.length; start += data.dimension) {
    vectors.push(data.vectors.slice(start, start + data.dimension));
  }
  if (axes === undefined || vectors.length > fitted * growth) {
    axes = alike(principalAxes(vectors), axes);
    fitted = vectors.length;
    from = 0;
  }
  const coordinates = new Float32Array((vectors.length - from) * 2);
  for (let index = from; index < vectors.length; index++) {
    const vector = vectors[index];
    if (vector !== undefined) coordinates.set(project(axes, vector), (index - from) * 2);
  }
  const places: Places = { from, coordinates };
  postMessage(places, { transfer: [coordinates.buffer] });
});
