import { limits } from "@arrwdb/protocol/limits";

/** Paragraphs of fewer characters carry little meaning, and are merged. */
const enough = 200;
/** The length of text that the model reads; longer paragraphs are split. */
const most = 2_000;

/** Splits lines into passages suitable for search: paragraphs, neither too short nor too long. */
export class Passages {
  readonly #passages: string[] = [];
  #paragraph: string[] = [];
  #length = 0;

  get size(): number {
    return this.#passages.length;
  }

  add(line: string): void {
    if (line.trim() === "") return this.#finish();
    for (let from = 0; from < line.length; from += most) this.#append(line.slice(from, from + most));
  }

  /** Removes and returns all of them. */
  take(): readonly string[] {
    this.#finish();
    return this.#passages.splice(0);
  }

  #append(line: string): void {
    if (this.#length + line.length > most) this.#finish();
    this.#paragraph.push(line);
    this.#length += line.length;
  }

  #finish(): void {
    const text = this.#paragraph.join("\n").trim();
    this.#paragraph = [];
    this.#length = 0;
    if (text === "") return;
    const last = this.#passages.length - 1;
    const before = this.#passages[last];
    if (before !== undefined && before.length < enough) this.#passages[last] = `${before}\n\n${text}`;
    else this.#passages.push(text);
  }
}

/** Maximum of passages per document, so that a long file becomes several, and its beginning is searchable early. */
export const passagesPerDocument = Math.min(200, limits.chunksPerDocument);
