import { decodeVector } from "./decode-vector.ts";
import type { Places, PlaceVectors } from "./messages.ts";
import { type Axes, principalAxes, project } from "./principal-axes.ts";

/** The axes are recomputed after this many new vectors, relative to those that they were fitted to. */
const growth = 0.6;

/** By slot; a vector that takes a slot replaces the previous one. */
const vectors: Float32Array[] = [];
let axes: Axes | undefined;
let fitted = 0;
let since = 0;

/** The axis, or its opposite, whichever is nearer to the other one. */
const turned = (axis: Float32Array, other: Float32Array) => {
  const along = axis.reduce((sum, number, index) => sum + number * (other[index] ?? 0), 0);
  return along < 0 ? axis.map((number) => -number) : axis;
};

/** Avoids flipping directions: the sign of an axis is arbitrary. */
function alike(next: Axes, before: Axes | undefined): Axes {
  if (before === undefined) return next;
  return { ...next, first: turned(next.first, before.first), second: turned(next.second, before.second) };
}

addEventListener("message", ({ data }: MessageEvent<PlaceVectors>) => {
  data.indexes.forEach((place, index) => (vectors[place] = decodeVector(data.vectors[index] ?? "")));
  since += data.indexes.length;
  let indexes = Uint32Array.from(data.indexes);
  if (axes === undefined || since > fitted * growth) {
    axes = alike(principalAxes(vectors), axes);
    [fitted, since] = [vectors.length, 0];
    indexes = Uint32Array.from(vectors.keys());
  }
  const coordinates = new Float32Array(indexes.length * 2);
  const plane = axes;
  indexes.forEach((place, index) => {
    const vector = vectors[place];
    if (vector !== undefined) coordinates.set(project(plane, vector), index * 2);
  });
  const places: Places = { indexes, coordinates };
  postMessage(places, { transfer: [coordinates.buffer, indexes.buffer] });
});
