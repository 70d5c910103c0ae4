import type { Filter, FilterRecord } from "@arrwdb/protocol/filter/filter";
import * as fc from "fast-check";

/** Values, chunks and filters with which an index of metadata is compared with a look at every record. */
export const long = "é".repeat(31);
export const shortTexts = ["a", "b", "ab", "B", "", "ä", "\uffff", "😀", "\u0000", "a\u0000", "\u0003", "2024-05-01"];
/** Around the 64 bytes that are kept of a text, with the same beginning and without. */
export const longTexts = [
  ...["", "a", "ab", "abc", "abd", "é", "éa", "€", "a€", "ab€"].map((end) => long + end),
  ...["x", "y"].map((end) => `${long}a${"x".repeat(300)}${end}`),
  `b${long}é`,
  // Of the same hash.
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
const values = fc.oneof({ weight: 3, arbitrary: scalars }, fc.array(scalars, { maxLength: 4 }));
const inner = fc.dictionary(fc.constantFrom("b", "c", "b.c"), values, { maxKeys: 2 });
const records: fc.Arbitrary<FilterRecord> = fc.dictionary(
  fc.constantFrom("a", "d", "a.b"),
  fc.oneof(
    { weight: 3, arbitrary: values },
    inner,
    inner.map((one) => ({ b: one })),
  ),
  { maxKeys: 3 },
);
export const chunkRecords = fc
  .tuple(records, fc.constantFrom("2026-11-27T10:00:00.000Z", "2026-11-27T10:00:00.574Z", "2026-11-27T09:59:59.999Z"))
  .map(([record, created_at]) => ({ ...record, created_at }));

const fields = fc.constantFrom("a", "d", "a.b", "a.c", "a.b.c", "nothing", "toString");
const ordinals = fc.oneof(texts, numbers, dates);
const operands = fc.oneof({ weight: 4, arbitrary: scalars }, dates);
const condition = fc.letrec<{ one: unknown }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2 },
    operands,
    scalars.map((operand) => ({ $contains: operand })),
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
