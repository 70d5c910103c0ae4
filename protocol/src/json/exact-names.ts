/**
 * Names with escapes on platforms whose `JSON.parse` may take one for another: V8 13 and 14 give `{"x": 1, "a\n": 2}` the name
 * `a\` for `a` and a line feed, once some object had the names `x` and `a\` (nodejs/node#63785).
 */

/** Strings, with the colon after those that are names. */
const strings = /"[^"\\]*(?:\\[^][^"\\]*)*"(?:\s*(:))?/g;

/** From an escape in a string on. */
const restOfString = /(?:\\[^][^"\\]*)+"(?:\s*(:))?/y;

/** Whether the engine parses each name exactly, even after a name with the same first characters. */
export const namesAreExact = areNamesExact();

function areNamesExact(): boolean {
  // Once wrong, the engine stays wrong for objects of this shape, which no other code creates.
  JSON.parse(String.raw`{"arrwdb:names":1,"a\\":2}`);
  const fields: Readonly<Record<string, unknown>> = JSON.parse(String.raw`{"arrwdb:names":1,"a\n":2}`);
  return Object.hasOwn(fields, "a\n");
}

/** Whether some name has an escape. Costs little beside parsing it, and next to nothing for a text without escapes. */
export function mayHoldEscapedNames(json: string): boolean {
  // Escapes occur only in strings, so other tokens are skipped.
  for (let at = json.indexOf("\\"); at >= 0; at = json.indexOf("\\", restOfString.lastIndex)) {
    restOfString.lastIndex = at;
    const found = restOfString.exec(json);
    // Not JSON; parsing reports it.
    if (found === null) return false;
    if (found[1] !== undefined) return true;
  }
  return false;
}

/**
 * The result of `parse`, with placeholders passed to it instead of names with escapes.
 *
 * @throws whatever `parse` throws for this text
 */
export function parseWithExactNames(json: string, parse: (json: string) => unknown) {
  const placeholders = placeholdersOf(json);
  const plain = json.replaceAll(strings, (found: string, colon: string | undefined) => {
    const name = colon === undefined ? undefined : nameOf(stringOf(found));
    const placeholder = name === undefined ? undefined : placeholders.get(name);
    return placeholder === undefined ? found : `"${placeholder}"${found.slice(stringOf(found).length)}`;
  });
  const names = new Map(placeholders.entries().map(([name, placeholder]) => [placeholder, name]));
  try {
    return renamed(parse(plain), names);
  } catch (error) {
    // Errors in the JSON refer to the original text.
    parse(json);
    throw error;
  }
}

function unusedPrefix(json: string): string {
  let prefix = "~";
  while (json.includes(prefix)) prefix += "~";
  return prefix;
}

/**
 * A placeholder for each name that is written with escapes anywhere: of duplicate names the last one wins, however they
 * are written.
 */
function placeholdersOf(json: string): ReadonlyMap<string, string> {
  const placeholders = new Map<string, string>();
  const prefix = unusedPrefix(json);
  for (const [found, colon] of json.matchAll(strings)) {
    const name = colon === undefined || !found.includes("\\") ? undefined : nameOf(stringOf(found));
    if (name !== undefined && !placeholders.has(name)) placeholders.set(name, `${prefix}${placeholders.size}`);
  }
  return placeholders;
}

/** The string without the colon behind it. */
const stringOf = (found: string): string => found.slice(0, found.lastIndexOf('"') + 1);

/** Undefined for an invalid JSON string, which parsing the whole reports. */
function nameOf(source: string): string | undefined {
  try {
    const name: string = JSON.parse(source);
    return name;
  } catch {
    return undefined;
  }
}

/** Gives names back in place. Not by recursion, as JSON may be nested deeper than the stack is. */
function renamed(value: unknown, names: ReadonlyMap<string, string>) {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const inner of Object.values(next)) waiting.push(inner);
    const entries = Array.isArray(next) ? [] : Object.entries(next);
    if (!entries.some(([name]) => names.has(name))) continue;
    // All of them are recreated, to keep their order.
    for (const [name] of entries) Reflect.deleteProperty(next, name);
    for (const [name, inner] of entries) define(next, names.get(name) ?? name, inner);
  }
  return value;
}

/** As `JSON.parse` does it: `__proto__` is a name like any other. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}
