import { limits } from "../limits.ts";
import type { Metadata, MetadataValue } from "../documents/metadata.ts";

/** What filters test: the server's fields of a chunk or document, and its metadata. */
export interface FilterRecord {
  readonly server: Metadata;
  readonly metadata: Metadata;
}

/** All values that a path through arrays leads to. `undefined` stands for an object in an array that lacks the field. */
export class Several {
  readonly values: ReadonlySet<MetadataValue | undefined>;
  constructor(values: ReadonlySet<MetadataValue | undefined>) {
    this.values = values;
  }
}

/** What a path leads to: a value, nothing, or several values. */
export type Reached = MetadataValue | undefined | Several;

type List = readonly MetadataValue[];

/** What paths with array indexes led to, by list and by the length of the path's rest; others cannot meet. */
type Known = Map<List, Map<number, Several>>;

/** Begins the path of a field that is the user's, even if the server has one of this name. */
export const metadataPrefix = "metadata.";

/** Dots of a path that are tried as ends of a name, before the names of the object are tried instead. */
const triedDots = 8;

const index = /^(?:0|[1-9]\d{0,8})$/;

export const isList = (value: Reached): value is List => Array.isArray(value);

export const isObject = (value: Reached): value is Metadata =>
  typeof value === "object" && value !== null && !isList(value) && !(value instanceof Several);

const isFound = (reached: Reached): boolean =>
  reached instanceof Several ? reached.values.values().some((value) => value !== undefined) : reached !== undefined;

/** Whether what a path leads to has a value that meets the condition. */
export function someValue(reached: Reached, condition: (value: MetadataValue | undefined) => boolean): boolean {
  return reached instanceof Several ? reached.values.values().some(condition) : condition(reached);
}

/**
 * The field of a record: the server's, or else the user's. `metadata.a` is the user's `a`, or else `a` in an object of the
 * user's that is called `metadata`.
 */
export const fieldOf = (record: FilterRecord, path: string): Reached => fieldReader(path)(record);

/** The same for many records. */
export function fieldReader(path: string): (record: FilterRecord) => Reached {
  if (path.startsWith(metadataPrefix)) {
    const own = path.slice(metadataPrefix.length);
    return ({ metadata }) => {
      const given = reach(metadata, own);
      return isFound(given) ? given : firstFound(given, reach(metadata, path));
    };
  }
  if (!path.includes(".")) {
    return ({ server, metadata }) => {
      if (Object.hasOwn(server, path)) return server[path];
      return Object.hasOwn(metadata, path) ? metadata[path] : undefined;
    };
  }
  // No name of the server's has a dot.
  const first = path.slice(0, path.indexOf("."));
  return ({ server, metadata }) => {
    if (!Object.hasOwn(server, first)) return reach(metadata, path);
    const given = reach(server, path);
    return isFound(given) ? given : firstFound(given, reach(metadata, path));
  };
}

/** The second if it is found, or else what the first has to tell. */
const firstFound = (first: Reached, second: Reached): Reached =>
  first === undefined || isFound(second) ? second : first;

/**
 * `a.b` is the field of that exact name, or else `b` inside `a`, recursively: names may contain dots, as in
 * `{"labels": {"app.version": 2}}`. If several match, the one with the shortest first name is used.
 */
function reach(object: Metadata, path: string, known?: Known): Reached {
  if (Object.hasOwn(object, path)) return object[path];
  let reached: Reached;
  let dot = path.indexOf(".");
  for (let tried = 0; dot !== -1 && dot <= limits.metadataKeyLength; dot = path.indexOf(".", dot + 1)) {
    // A path may have many dots, and a list many objects, each of them with few names.
    if (tried++ === triedDots) break;
    const found = behind(object, path, dot, known);
    if (isFound(found)) return found;
    reached ??= found;
  }
  if (dot === -1 || dot > limits.metadataKeyLength) return reached;
  for (const name of longerNamesIn(object, path, dot)) {
    const found = behind(object, path, name.length, known);
    if (isFound(found)) return found;
    reached ??= found;
  }
  return reached;
}

/** What the path leads to if its first name ends at this dot. */
function behind(object: Metadata, path: string, dot: number, known?: Known): Reached {
  const name = path.slice(0, dot);
  const inner = Object.hasOwn(object, name) ? object[name] : undefined;
  if (typeof inner !== "object" || inner === null) return undefined;
  const rest = path.slice(dot + 1);
  return isList(inner) ? within(inner, rest, known) : reach(inner, rest, known);
}

/** Names of the object that the path begins with, before a dot, from some length on; shorter ones first. */
function longerNamesIn(object: Metadata, path: string, least: number): readonly string[] {
  return Object.keys(object)
    .filter((name) => name.length >= least && path.startsWith(name) && path[name.length] === ".")
    .toSorted((a, b) => a.length - b.length);
}

/**
 * As MongoDB does it: the element with this index, and the field in each element that is an object. Objects without the
 * field count as missing, unless the index is that of an element.
 */
function within(list: List, path: string, known?: Known): Several {
  const dot = path.indexOf(".");
  const part = dot === -1 ? path : path.slice(0, dot);
  const element = index.test(part) ? list[Number(part)] : undefined;
  // With indexes, several ways may lead to the same place.
  const places = element === undefined ? known : (known ?? new Map<List, Map<number, Several>>());
  const before = places?.get(list)?.get(path.length);
  if (before !== undefined) return before;
  const values = new Set<MetadataValue | undefined>();
  const add = (reached: Reached, missingCounts: boolean): void => {
    const all = reached instanceof Several ? reached.values : [reached];
    for (const value of all) if (value !== undefined || missingCounts) values.add(value);
  };
  const rest = path.slice(part.length + 1);
  if (element !== undefined && dot === -1) values.add(element);
  else if (isList(element)) add(within(element, rest, places), true);
  else if (isObject(element)) add(reach(element, rest, places), true);
  for (const one of list) if (isObject(one)) add(reach(one, path, places), element === undefined);
  const several = new Several(values);
  if (places !== undefined) {
    const byLength = places.get(list) ?? new Map<number, Several>();
    places.set(list, byLength.set(path.length, several));
  }
  return several;
}
