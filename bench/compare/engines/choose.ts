import type { Engine } from "../engine.ts";
import type { EngineName, Options } from "../options.ts";
import { ArrwDbEngine } from "./arrwdb.ts";
import { UsearchEngine } from "./usearch.ts";

/** An engine of the comparison, or why it is not there. */
export type Choice = { readonly engine: Engine } | { readonly name: string; readonly skipped: string };

export async function chooseEngine(name: EngineName, _options: Options): Promise<Choice> {
  if (name === "usearch") return { engine: new UsearchEngine() };
  if (name === "arrwdb") return { engine: new ArrwDbEngine() };
  return { name, skipped: "not there" };
}
