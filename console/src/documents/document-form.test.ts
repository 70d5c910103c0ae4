import { parseJson, stringifyJson } from "arrwdb-client";
import { expect, it } from "vitest";
import { type Described, type DocumentForm, formOf, patchOf, rebased } from "./document-form.ts";

const described: Described = {
  title: "Payment",
  title_generated: false,
  author: "Ada",
  document_type: null,
  source_url: null,
  tags: ["billing", "faq"],
  expires_at: null,
  metadata: { views: 120, customer: { name: "Ben", city: "Rome" }, none: null, large: 2n ** 70n },
};

const form = (changed: Partial<DocumentForm>): DocumentForm => ({ ...formOf(described), ...changed });
const metadata = (value: object) => stringifyJson(value);

it("A patch has only what was changed", () => {
  expect(patchOf(described, form({}))).toEqual({ patch: {} });
  expect(patchOf(described, form({ author: " ", tags: "faq\n\n new " }))).toEqual({
    patch: { author: null, tags: ["faq", "new"] },
  });
  const same = metadata({ none: null, large: 2n ** 70n, customer: { city: "Rome", name: "Ben" }, views: 120 });
  expect(patchOf(described, form({ metadata: same }))).toEqual({ patch: {} });
});

it("Metadata is patched by the fields that differ, at any depth", () => {
  const after = metadata({ views: 121, customer: { name: "Ben", zip: "00100" }, none: null, large: 2n ** 70n });
  expect(patchOf(described, form({ metadata: after }))).toEqual({
    patch: { metadata: { views: 121, customer: { city: null, zip: "00100" } } },
  });
  expect(patchOf(described, form({ metadata: "" }))).toEqual({
    patch: { metadata: { views: null, customer: null, none: null, large: null } },
  });
});

it.for([
  ["{", /^Metadata is not valid JSON/],
  ["[1]", /^Metadata must be an object/],
  ['{"customer": {"name": null}}', /customer\.name cannot become null/],
  ['{"fresh": {"deep": null}}', /fresh\.deep cannot become null/],
] as const)("%s is refused, and says why", ([text, reason]) => {
  const checked = patchOf(described, form({ metadata: text }));
  expect("fault" in checked ? checked.fault : "").toMatch(reason);
});

it("A generated title stays so until there is another", () => {
  const untitled = { ...described, title: "You can pay by card.", title_generated: true };
  expect(formOf(untitled).title).toBe("");
  expect(patchOf(untitled, { ...formOf(untitled), title: "Paying" })).toEqual({ patch: { title: "Paying" } });
  expect(patchOf(described, form({ title: "" }))).toEqual({ patch: { title: null } });
});

it("Changes are kept on top of somebody else's", () => {
  const mine = form({ author: "Eve", metadata: metadata({ ...described.metadata, views: 121 }) });
  const theirs = { ...described, title: "Paying", author: "Cid", metadata: { ...described.metadata, fresh: true } };
  const next = rebased(mine, described, theirs);
  expect(next).toMatchObject({ title: "Paying", author: "Eve" });
  expect(parseJson(next.metadata)).toEqual({ ...described.metadata, views: 121, fresh: true });
  expect(patchOf(theirs, next)).toEqual({ patch: { author: "Eve", metadata: { views: 121 } } });
});
