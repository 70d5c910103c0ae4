import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "../support/pages/source-files.ts";

const declaration = /^(?:export )?(?:abstract )?(?:class|interface|type|enum) (?<name>\w+)/gm;

/** What each name stands for, where it is more than one thing. */
function ambiguous(entries: readonly (readonly [name: string, path: string])[]): readonly string[] {
  const places = Map.groupBy(entries, ([name]) => name);
  return [...places]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => `${name}: ${all.map(([, path]) => path).join(", ")}`);
}

const typesOf = ({ path, text }: SourceFile) =>
  [...text.matchAll(declaration)].map(({ groups }) => [groups?.["name"] ?? "", path] as const);

describe.each(["protocol", "server", "client", "console"])("The package %s", (name) => {
  it("has no two files of one name, so that a stack trace tells which it is", async () => {
    const files = await sourceFiles(`${name}/src`);
    expect(files.length).toBeGreaterThan(10);
    expect(ambiguous(files.map(({ path }) => [basename(path), path]))).toEqual([]);
  });

  it("has no two types of one name", async () => {
    const files = await sourceFiles(`${name}/src`);
    expect(ambiguous(files.flatMap(typesOf))).toEqual([]);
  });
});
