import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { type Command, InvalidArgumentError, Option, type OptionValues } from "@commander-js/extra-typings";

/** Options that several commands have, with the same meaning in each. */
export const urlOption = () =>
  new Option("--url <url>", "the server's URL").env("ARRWDB_URL").default("http://localhost:8000");

export const keyOption = () =>
  new Option("--key <key>", "the API key; prefer the variable, as other users can see flags").env("ARRWDB_API_KEY");

export const caOption = () =>
  new Option("--cacert <file>", "PEM file of the certificate authority that signed the server's certificate").env(
    "ARRWDB_CACERT",
  );

export const jsonOption = () => new Option("--json", "print results as JSON, and errors as JSON on standard error");

/** Adds the options of every command that asks a server. */
export const askingServer = <Arguments extends unknown[], Options extends OptionValues, Global extends OptionValues>(
  command: Command<Arguments, Options, Global>,
) => command.addOption(urlOption()).addOption(keyOption()).addOption(caOption()).addOption(jsonOption());

export const dataDirectoryOption = () =>
  new Option("--data-dir <directory>", "the server's data directory").env("ARRWDB_DATA_DIR").default(".arrwdb");

export const filterOption = () =>
  new Option("--filter <json>", `a metadata filter, such as '{"year": {"$gte": 2020}}'`).argParser(parseFilter);

/** @throws InvalidArgumentError */
function parseFilter(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`It is not valid JSON (${reason}); put it in single quotes.`);
  }
}

/** @throws InvalidArgumentError */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** @throws InvalidArgumentError also for an empty text, such as an unset variable, which `Number` converts to 0 */
export const decimalNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };

export const facetOption = () =>
  new Option("--facet <field...>", "count the values of these fields among all chunks that match");

export const includeOption = () =>
  new Option(
    "--include <fields>",
    "the fields of hits, separated by commas: text, metadata, document, document.title, embedding, ...",
  ).argParser((list: string) => list.split(",").filter((name) => name !== ""));

export const highlightOption = () => new Option("--highlight", "show the parts of hits that have words of the query");

export const thresholdOption = () =>
  new Option("--threshold <distance>", "the maximum distance of a hit, 0 to 2").argParser(decimalNumber(0, 2));
