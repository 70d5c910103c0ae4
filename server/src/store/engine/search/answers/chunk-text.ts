/** The fields of a hit that depend only on its chunk, each in JSON. */
export interface ContentFields {
  readonly text: string;
  readonly metadata: string;
  /** If it is not what `metadata` says. */
  readonly ownMetadata: string | undefined;
  readonly document: string;
}

const beforeText = '"text":';
const beforeMetadata = ',"metadata":';
const beforeOwn = ',"own_metadata":';
const beforeDocument = ',"document":';

/** The part of a hit that depends only on its chunk, as JSON: all of it in one text, as most searches send it. */
export class ChunkText {
  /** `chunk_id` and `document_id`. */
  readonly ids: string;
  /** The other fields. */
  readonly rest: string;
  /** Those of its text and metadata. */
  readonly characters: number;
  readonly #textEnd: number;
  readonly #metadataEnd: number;
  readonly #ownEnd: number;

  constructor(ids: string, { text, metadata, ownMetadata, document }: ContentFields, characters: number) {
    const own = ownMetadata === undefined ? "" : beforeOwn + ownMetadata;
    this.ids = ids;
    this.rest = beforeText + text + beforeMetadata + metadata + own + beforeDocument + document;
    this.characters = characters;
    this.#textEnd = beforeText.length + text.length;
    this.#metadataEnd = this.#textEnd + beforeMetadata.length + metadata.length;
    this.#ownEnd = this.#metadataEnd + own.length;
  }

  get text(): string {
    return this.rest.slice(beforeText.length, this.#textEnd);
  }

  get metadata(): string {
    return this.rest.slice(this.#textEnd + beforeMetadata.length, this.#metadataEnd);
  }

  get ownMetadata(): string | undefined {
    if (this.#ownEnd === this.#metadataEnd) return undefined;
    return this.rest.slice(this.#metadataEnd + beforeOwn.length, this.#ownEnd);
  }

  get document(): string {
    return this.rest.slice(this.#ownEnd + beforeDocument.length);
  }
}
