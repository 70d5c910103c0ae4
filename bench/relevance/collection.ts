import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Documents, questions, and which documents answer them how well. */
export interface Collection {
  readonly documents: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  /** By question: the gain of each document that answers it, above 0. */
  readonly judgements: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/**
 * Reads a test collection: `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv` as BEIR has them, or the three files of
 * the Cranfield collection.
 *
 * @throws Error that says which files are missing
 */
export async function readCollection(directory: string): Promise<Collection> {
  if (existsSync(join(directory, "corpus.jsonl"))) return readBeir(directory);
  if (existsSync(join(directory, "cran.all.1400"))) return readCranfield(directory);
  throw new Error(`${directory} holds neither corpus.jsonl nor cran.all.1400`);
}

const beirText = z.object({ _id: z.string(), title: z.string().default(""), text: z.string() });

async function readBeir(directory: string): Promise<Collection> {
  const lines = async (name: string) => (await readFile(join(directory, name), "utf8")).split("\n").filter(Boolean);
  const texts = async (name: string) =>
    (await lines(name)).map((line) => {
      const { _id: id, title, text } = beirText.parse(JSON.parse(line));
      return { id, title: title === "" ? id : title, text };
    });
  const judged = (await lines("qrels/test.tsv")).slice(1).map((line) => line.split("\t"));
  return {
    documents: await texts("corpus.jsonl"),
    questions: await texts("queries.jsonl"),
    judgements: gains(judged.map(([question, document, gain]) => [question ?? "", document ?? "", Number(gain)])),
  };
}

/** Texts that are set apart by lines such as `.I 17` and `.W`. */
function sections(text: string): readonly Readonly<Record<string, string>>[] {
  return text
    .split(/^\.I\b/m)
    .slice(1)
    .map((entry) => {
      const [id = "", ...parts] = entry.split(/^\.([A-Z])\s*$/m);
      const fields = parts.flatMap((name, place): [string, string][] =>
        place % 2 === 0 ? [[name, (parts[place + 1] ?? "").replace(/\s+/g, " ").trim()]] : [],
      );
      return { I: id.trim(), ...Object.fromEntries(fields) };
    });
}

/** Grades go from 1, the best, to 4; -1 is none. Questions are numbered by their order. */
async function readCranfield(directory: string): Promise<Collection> {
  const read = (name: string) => readFile(join(directory, name), "latin1");
  const documents = sections(await read("cran.all.1400")).map(({ I: id = "", T: title = "", W: text = "" }) => ({
    id,
    title: title === "" ? id : title,
    text: text === "" ? title : text,
  }));
  const questions = sections(await read("cran.qry")).map(({ W: text = "" }, index) => ({ id: `${index + 1}`, text }));
  const judged = (await read("cranqrel")).split("\n").map((line) => line.trim().split(/\s+/));
  const judgements = gains(
    judged.map(([question, document, grade]) => [
      question ?? "",
      document ?? "",
      Number(grade) > 0 ? 5 - Number(grade) : 0,
    ]),
  );
  return { documents: documents.filter(({ text }) => text !== ""), questions, judgements };
}

function gains(judged: readonly (readonly [string, string, number])[]): Collection["judgements"] {
  const judgements = new Map<string, Map<string, number>>();
  for (const [question, document, gain] of judged) {
    if (!(gain > 0)) continue;
    const known = judgements.get(question) ?? new Map<string, number>();
    judgements.set(question, known.set(document, gain));
  }
  return judgements;
}
