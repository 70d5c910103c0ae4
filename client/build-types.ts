import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "../packaging/declarations.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const wire = join(here, "src/wire.ts");
const protocol = (module: string) => fileURLToPath(new URL(`../protocol/src/${module}.ts`, import.meta.url));

/** Types with parameters, or of the client's insides alone; no declaration that is published names them. */
const internal: ReadonlySet<string> = new Set(["ActionInput"]);

/**
 * Writes `wire.d.ts` with each type of `src/wire.ts` in full. The protocol has its types from schemas, and a package
 * that named those would need the library of schemas to be installed for nothing but its types. The compiler writes a
 * type in full where it has inferred it, so it is given values of these types to declare.
 *
 * @param scratch a directory beside the sources
 */
export async function writeWireTypes(scratch: string, directory: string): Promise<void> {
  const source = await readFile(wire, "utf8");
  const names = namesOf(source);
  const values = [
    `import type * as wire from "${relative(scratch, wire)}";`,
    `declare const types: { ${names.map((name) => `${name}: wire.${name};`).join(" ")} };`,
    ...names.map((name) => `export const ${name} = types.${name};`),
  ];
  await writeFile(join(scratch, "values.ts"), values.join("\n"));
  const config = { extends: "../tsconfig.build.json", include: ["values.ts"] };
  await writeFile(join(scratch, "tsconfig.json"), JSON.stringify(config));
  const out = join(scratch, "values");
  await compile(scratch, out);
  const declared = await readFile(join(out, relative(join(here, ".."), scratch), "values.d.ts"), "utf8");
  await writeFile(join(directory, "wire.d.ts"), await asTypes(declared, source));
}

/** What `wire.ts` exports, one after the other. */
function namesOf(source: string): readonly string[] {
  const own = [...source.matchAll(/^export type (\w+)/gm)].map(([, name = ""]) => name);
  const passedOn = [...source.matchAll(/^export type \{([^}]+)\}/gm)].flatMap(([, list = ""]) => list.split(","));
  const all = [...own, ...passedOn.map((name) => name.trim())];
  return all.filter((name) => name !== "" && !internal.has(name)).toSorted();
}

/** The comment of each type that has one. */
function docsOf(source: string): ReadonlyMap<string, string> {
  const found = source.matchAll(/^(\/\*\* (?:(?!\*\/)[^])*\*\/\n)export type (\w+)/gm);
  return new Map([...found].map(([, comment = "", name = ""]) => [name, comment]));
}

async function asTypes(declared: string, source: string): Promise<string> {
  const docs = docsOf(source);
  const types = declared
    .replace(/^import .*\n/, "")
    .replaceAll(/\bwire\.(\w+)/g, "$1")
    .replaceAll(
      /^export declare const (\w+): /gm,
      (_, name: string) => `${docs.get(name) ?? ""}export type ${name} = `,
    );
  // What the protocol names by itself refers to itself, and cannot be written in full.
  const named = [...types.matchAll(/^export type (\w+) = \1;\n/gm)].map(([, name = ""]) => name);
  const taken = await Promise.all(named.map((name) => declarationOf(name, source)));
  const text = [...taken, ...interfacesOf(source), types.replaceAll(/^export type (\w+) = \1;\n/gm, "")].join("\n");
  const foreign = /@arrwdb|zod|import\(/.exec(text);
  if (foreign !== null) throw new Error(`wire.d.ts still names ${foreign[0]}`);
  return text;
}

/** Interfaces that it declares itself, as they stand: they may have parameters, and name types that it exports. */
const interfacesOf = (source: string): readonly string[] =>
  [...source.matchAll(/^(?:\/\*\* (?:(?!\*\/)[^])*\*\/\n)?export interface \w+[^{]*\{[^}]*^\}\n/gm)].map(
    ([text]) => text,
  );

/** As it stands in `wire.ts`, or in the module of the protocol that it is passed on from. */
async function declarationOf(name: string, wireSource: string): Promise<string> {
  const passedOn = new RegExp(`^export type \\{[^}]*\\b${name}\\b[^}]*\\} from "@arrwdb/protocol/([\\w/-]+)"`, "m");
  const module = passedOn.exec(wireSource)?.[1];
  const source = module === undefined ? wireSource : await readFile(protocol(module), "utf8");
  const declaration = new RegExp(`^export (?:interface ${name} \\{[^}]*^\\}|type ${name} =[^;]*;)\\n`, "m").exec(
    source,
  );
  if (declaration === null) throw new Error(`${name} is not declared in a way that can be taken over`);
  return declaration[0];
}
