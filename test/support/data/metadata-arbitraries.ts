import type { Filter, FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { Metadata, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import * as fc from "fast-check";

/** Values, chunks and filters with which an index of metadata is compared with a look at every record. */
export const long = "é".repeat(31);
export const shortTexts = ["a", "b", "ab", "B", "", "ä", "\uffff", "😀", "\u0000", "a\u0000", "\u0003", "2024-05-01"];
/** Around the 64 bytes that are kept of a text, with the same beginning and without. */
export const longTexts = [
  ...["", "a", "ab", "abc", "abd", "é", "éa", "€", "a€", "ab€"].map((end) => long + end),
  ...["x", "y"].map((end) => `${long}a${"x".repeat(300)}${end}`),
  `b${long}é`,
  // Of the same 32-bit hash (FNV-1a).
  ...["1dwmeog2y1c", "1593sci3isi"].map((end) => `${long}ab${end}`),
];
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...shortTexts) },
  { weight: 2, arbitrary: fc.constantFrom(...longTexts) },
  fc.string({ unit: "binary", maxLength: 3 }),
);
export const knownNumbers = [
  0,
  -0,
  1,
  2,
  10,
  -1,
  -2,
  0.5,
  -0.5,
  1e300,
  -1e300,
  5e-324,
  -5e-324,
  2 ** 53,
  1e20,
  1e21,
  1e22,
  1e23,
];
/** Around the doubles that they would be rounded to. */
export const knownIntegers = [2n ** 53n, 733739433195933697n, 10n ** 20n, 10n ** 23n, 10n ** 99n].flatMap((one) =>
  [one - 1n, one, one + 1n, -one].map((value) => value),
);
const integers = fc.oneof(fc.constantFrom(...knownIntegers), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }));
const numbers = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...knownNumbers) },
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  { weight: 2, arbitrary: integers },
);
/** The same instants in several forms, and neighbours of theirs. */
export const instants = [
  "2026-11-27T10:00:00Z",
  "2026-11-27T10:00:00.000Z",
  "2026-11-27T19:00:00+09:00",
  "2026-11-27T10:00:00",
  "2026-11-27 10:00:00.000000+00:00",
  "2026-11-27T10:00:00.000001Z",
  "2026-11-27T10:00:00.574Z",
  "2026-11-27T09:59:59.999999999Z",
  "2026-11-27",
  "2026-11",
  "2026",
  "2026-11-27T00:30:00-11:30",
  "0000-01-01T00:00:00+23:59",
  "9999-12-31T23:59:59.999-23:59",
];
export const noInstants = ["2026-02-30", "2026-11-27T25:00:00Z", "yesterday", "2026-11-27T10:00:00+24:00"];
const dateTexts = fc.constantFrom(...instants, ...noInstants);
const dates = fc.constantFrom(...instants).map((text) => ({ $date: text }));
const scalars = fc.oneof(texts, numbers, dateTexts, fc.boolean(), fc.constant(null));
/** Names that meet in paths, and such as are none elsewhere. */
const names = fc.constantFrom(
  "a",
  "b",
  "c",
  "d",
  "b.c",
  "a.b",
  "0",
  "1",
  "-1",
  "00",
  "",
  "$x",
  "__proto__",
  "metadata",
);
const fewTexts = fc.constantFrom("a", "ab", "b", null);
/** Objects with the same field, of values that filters ask for, in a list and outside of one. */
const alike = fc.array(
  fc.record({ b: fc.oneof(fewTexts, fc.array(fewTexts, { maxLength: 2 })) }, { requiredKeys: [] }),
  { minLength: 1, maxLength: 3 },
);
/** Any JSON: objects, and arrays of whatever. */
const { value: values } = fc.letrec<{ value: MetadataValue; object: Metadata }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 5, arbitrary: scalars },
    { weight: 3, arbitrary: alike },
    { weight: 2, arbitrary: fc.array(scalars, { maxLength: 4 }) },
    { weight: 3, arbitrary: fc.array(tie("object"), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 3, arbitrary: tie("object") },
  ),
  object: objectOf(names, tie("value"), 3),
}));

/** With names as JSON has them: `__proto__` is one. */
function objectOf(
  name: fc.Arbitrary<string>,
  value: fc.Arbitrary<MetadataValue>,
  most: number,
): fc.Arbitrary<Metadata> {
  return fc.array(fc.tuple(name, value), { maxLength: most }).map((entries) => Object.fromEntries(entries));
}

export const ownFields = (metadata: Metadata): FilterRecord => ({ server: {}, metadata });

const firstNames = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("a", "d", "a.b", "created_at") }, names);
const times = fc.constantFrom("2026-11-27T10:00:00.000Z", "2026-11-27T10:00:00.574Z", "2026-11-27T09:59:59.999Z");
export const chunkRecords: fc.Arbitrary<FilterRecord> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: objectOf(firstNames, values, 3) }, fc.record({ a: alike })),
    times,
    fc.constantFrom("ab", undefined),
    fc.constantFrom(["b"], undefined, undefined, undefined),
  )
  .map(([metadata, created_at, d, a]) => {
    const given = { ...(d === undefined ? {} : { d }), ...(a === undefined ? {} : { a }) };
    return { server: { created_at, ...given }, metadata };
  });

/** Paths with all that may be in one, and paths of any names. */
const fields = fc.oneof(
  { weight: 2, arbitrary: fc.constant("a.b") },
  { weight: 3, arbitrary: fc.constantFrom("a", "d", "a.c", "a.b.c", "a.0", "a.b.0", "a.0.b", "a.1.b.c") },
  fc.constantFrom(
    "nothing",
    "toString",
    "metadata.created_at",
    "metadata.d",
    "metadata.a",
    "metadata.a.b",
    "created_at.b",
  ),
  fc.array(names, { minLength: 1, maxLength: 4 }).map(pathOf),
);

/** Operators begin with `$`, and fields behind `metadata.` do not. */
function pathOf(parts: readonly string[]): string {
  const path = parts.join(".");
  return path.startsWith("$") ? `metadata.${path}` : path;
}
const ordinals = fc.oneof(texts, numbers, dates);
const plainOperands = fc.oneof({ weight: 2, arbitrary: scalars }, fewTexts);
const operands = fc.oneof({ weight: 4, arbitrary: plainOperands }, dates);
const condition = fc.letrec<{ one: unknown }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2 },
    operands,
    { weight: 3, arbitrary: plainOperands.map((operand) => ({ $contains: operand })) },
    ...["$eq", "$ne"].map((name) => operands.map((operand) => ({ [name]: operand }))),
    ...["$gt", "$gte", "$lt", "$lte"].map((name) => ordinals.map((operand) => ({ [name]: operand }))),
    ...["$in", "$nin"].map((name) => fc.array(operands, { maxLength: 4 }).map((operand) => ({ [name]: operand }))),
    fc.boolean().map((operand) => ({ $exists: operand })),
    fc.tuple(ordinals, ordinals, operands).map(([$gt, $lte, $ne]) => ({ $gt, $lte, $ne })),
    tie("one").map((operand) => ({ $not: operand })),
  ),
})).one;
export const filters = fc.letrec<{ one: Filter }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(fields, condition).map(([field, operand]) => ({ [field]: operand })),
    fc
      .tuple(fc.constantFrom("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"), fc.constantFrom(...instants))
      .map(([operator, text]) => ({ created_at: { [operator]: text } })),
    fc.dictionary(fields, condition, { maxKeys: 3 }),
    fc.array(tie("one"), { minLength: 1, maxLength: 3 }).map((parts) => ({ $and: parts })),
    fc.array(tie("one"), { minLength: 1, maxLength: 3 }).map((parts) => ({ $or: parts })),
    tie("one").map((part) => ({ $not: part })),
  ),
})).one;
