import { Bitmap } from "../rows/bitmap.ts";

/** Bounds of the rows that pass: all of `sure` do, and none outside of `maybe`. Exact if both are the same object. */
export interface Bounds {
  readonly sure: Bitmap;
  readonly maybe: Bitmap;
}

export const exactly = (rows: Bitmap): Bounds => ({ sure: rows, maybe: rows });

export const isExact = ({ sure, maybe }: Bounds): boolean => sure === maybe;

export const none: Bounds = exactly(new Bitmap());

/** Applies an operation to both bounds, once if they are the same. */
function combine(parts: readonly Bounds[], operation: (rows: readonly Bitmap[]) => Bitmap): Bounds {
  const maybe = operation(parts.map((part) => part.maybe));
  return parts.every(isExact) ? exactly(maybe) : { sure: operation(parts.map((part) => part.sure)), maybe };
}

export function all(first: Bounds, ...rest: readonly Bounds[]): Bounds {
  if (rest.length === 0) return first;
  return combine([first, ...rest], (rows) => rows.reduce((result, one) => result.and(one)));
}

export const any = (parts: readonly Bounds[]): Bounds => combine(parts, (rows) => Bitmap.union(rows));

/** The rows of `universe` that are not in it. */
export function not(part: Bounds, universe: Bitmap): Bounds {
  const sure = universe.andNot(part.maybe);
  return isExact(part) ? exactly(sure) : { sure, maybe: universe.andNot(part.sure) };
}
