import { jsonInOneLine } from "@arrwdb/protocol/json/json-line";
import { once } from "node:events";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Writes a line to standard output, with backpressure. */
export async function print(line = ""): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** One value, on a line of its own. */
export const printJson = (value: unknown): Promise<void> => print(jsonInOneLine(value));

/** Writes a line to standard error, which is never mixed with the results. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Colours for results: only on a terminal, and unless NO_COLOR is set. */
export const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

/** The same for messages. */
export const styleMessage = (format: Style, text: string): string =>
  styleText(format, text, { stream: process.stderr });

/** Control characters of foreign texts would command the terminal; line ends and tabs are spaces here. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is removed
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "");
}

/** A property of a resource: a text as it is, anything else as JSON with exact numbers. */
export const shownValue = (value: unknown): string => plain(typeof value === "string" ? value : jsonInOneLine(value));

/** The reader of the results has closed the pipe, such as `head`; that is no error. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
}
