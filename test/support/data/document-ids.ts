import fc from "fast-check";

const bytesOf = (text: string) => Buffer.byteLength(text);

/** Ids that mean something elsewhere: to URLs, JSON, SQL, terminals, line readers, or to routes beside documents. */
export const oddIds = [
  "doc-42",
  "42",
  "MED-10",
  "https://example.com/a/b?c=d&e=f#g",
  "a/b",
  "/",
  "//",
  "../x",
  "...",
  "%",
  "100%",
  "%2F",
  "%2e%2e",
  "a?b",
  "a#b",
  "a b",
  " ",
  " x ",
  "+",
  ";a=b",
  '"quoted"',
  "it's",
  "\\",
  "back\\slash\\",
  "line\nbreak",
  "\r\n",
  "\t",
  "\u001b[31mred\u001b[0m",
  "\u0085",
  "\u2028\u2029",
  "\u202eltr",
  "\ufeff",
  "stream",
  "query",
  "delete",
  "count",
  "patch",
  "any",
  "null",
  "undefined",
  "0",
  "-1",
  "__proto__",
  "constructor",
  "toString",
  "{document_id}",
  ":document_id",
  "*",
  "'; DROP TABLE documents; --",
  "eyJsIjoiZG9jdW1lbnRzIn0",
  "\u00e9",
  "e\u0301",
  "A",
  "a",
  "0198C5D2-7F3A-7C1E-9D2B-3F5E6A7B8C9D",
  "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d",
  "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9",
  "{0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d}",
  `${"\u6587".repeat(170)}ab`,
  "\u{1f642}".repeat(128),
  "%".repeat(512),
] as const;

/** Ids that no URL can carry. */
export const dotIds = [".", ".."] as const;

const anyText = fc
  .string({ unit: "binary", minLength: 1, maxLength: 200 })
  .filter((text) => !text.includes("\u0000") && text.isWellFormed() && bytesOf(text) <= 512);

/** Ids of documents that a path can carry. */
export const documentIds: fc.Arbitrary<string> = fc
  .oneof({ weight: 3, arbitrary: fc.constantFrom<string>(...oddIds) }, { weight: 2, arbitrary: anyText }, fc.uuid())
  .filter((id) => !dotIds.some((dots) => dots === id));
