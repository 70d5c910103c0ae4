import { expect, it } from "vitest";
import { fieldsOfMetadata } from "./metadata-fields.ts";

it("Nested metadata is a flat list of the paths that filters know", () => {
  const metadata = {
    year: 2020,
    customer: { name: "Ada", address: { city: "London" } },
    items: [{ name: "pen" }, { name: "cup", colours: ["red", "blue"] }],
    labels: ["a", "b"],
    matrix: [
      [1, 2],
      [3, 4],
    ],
    none: null,
    empty: {},
  };
  expect(fieldsOfMetadata(metadata).map(({ path, text }) => `${path}=${text}`)).toEqual([
    "year=2020",
    "customer.name=Ada",
    "customer.address.city=London",
    "items.name=pen, cup",
    "items.colours=red, blue",
    "labels=a, b",
    "matrix=[1,2], [3,4]",
    "none=null",
    "empty={}",
  ]);
});

it("A user's field with the name of a server's is found by its prefix", () => {
  const fields = fieldsOfMetadata({ author: { name: "Ada" }, $where: 1, document_id: "x" });
  expect(fields.map(({ path }) => path)).toEqual(["metadata.author.name", "metadata.$where", "metadata.document_id"]);
});
