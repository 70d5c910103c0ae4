import type { TextLanguage } from "@arrwdb/protocol/documents/model";
import type { SearchHit } from "@arrwdb/protocol/search/search";
import { chosenDocument, chosenIn, FieldChoice } from "../../../chosen-fields.ts";
import type { StoreSearch } from "../../../search-store.ts";
import { JsonColumn } from "../../rows/json-column.ts";
import { metadataColumn } from "../../rows/metadata-columns.ts";
import type { VectorsTable } from "../../rows/vectors-table.ts";
import type { ChunkText } from "./chunk-text.ts";
import { Highlighter } from "./highlighter.ts";

const documentColumn = new JsonColumn<SearchHit["document"]>();
const chosenColumn = new JsonColumn<Partial<SearchHit["document"]>>();
const textColumn = new JsonColumn<string>();

/** The fields of a hit in JSON, and the number of characters that they count as. */
interface ShownFields {
  readonly json: string;
  readonly characters: number;
}

/** The library that is searched. */
interface ShapeLibrary {
  readonly language: TextLanguage;
  /** Those that are searched. */
  readonly vectors: VectorsTable;
}

/** What hits of a search have besides what identifies them, if it is not what hits have otherwise. */
export class HitShape {
  readonly #choice: FieldChoice | undefined;
  readonly #highlighter: Highlighter | undefined;
  readonly #vectors: VectorsTable;

  constructor({ include, highlight }: Pick<StoreSearch, "include" | "highlight">, { language, vectors }: ShapeLibrary) {
    this.#choice = include && new FieldChoice(include);
    this.#highlighter = highlight && new Highlighter(highlight, language);
    this.#vectors = vectors;
  }

  /** Whether the chunk's text is needed. */
  get readsText(): boolean {
    return this.#choice === undefined || this.#choice.text || this.#highlighter !== undefined;
  }

  #vectorOf(key: number): string {
    const vector = this.#vectors.base64(key);
    if (vector === undefined) throw new Error(`Chunk ${key} has no vector`);
    return vector;
  }

  /** @param key that of the chunk */
  show(key: number, content: ChunkText): ShownFields {
    const { rest, characters } = content;
    const marked = this.#highlighter && `"highlights":${highlightsOf(content, this.#highlighter)}`;
    if (this.#choice !== undefined) {
      const fields = chosenFields(content, this.#choice, () => this.#vectorOf(key));
      const json = [...fields, ...(marked === undefined ? [] : [marked])].join(",");
      return { json, characters: json.length };
    }
    return marked === undefined
      ? { json: rest, characters }
      : { json: `${rest},${marked}`, characters: characters + marked.length };
  }
}

function chosenFields(content: ChunkText, choice: FieldChoice, vector: () => string): readonly string[] {
  const { metadata, ownMetadata, document } = choice;
  const fields: string[] = [];
  if (choice.text) fields.push(`"text":${content.text}`);
  if (metadata !== undefined) fields.push(`"metadata":${chosenJson(content.metadata, metadata)}`);
  const own = ownMetadata === undefined ? undefined : content.ownMetadata;
  if (own !== undefined && ownMetadata !== undefined) fields.push(`"own_metadata":${chosenJson(own, ownMetadata)}`);
  if (document === "all") fields.push(`"document":${content.document}`);
  else if (document !== undefined) {
    const whole = documentColumn.decode(content.document);
    fields.push(`"document":${chosenColumn.encode(chosenDocument(whole, document))}`);
  }
  if (choice.embedding) fields.push(`"embedding":"${vector()}"`);
  return fields;
}

function chosenJson(json: string, choice: NonNullable<FieldChoice["metadata"]>): string {
  return choice === "all" ? json : metadataColumn.encode(chosenIn(metadataColumn.decode(json), choice));
}

function highlightsOf(content: ChunkText, highlighter: Highlighter): string {
  const highlights = highlighter.highlight((field) =>
    field === "text" ? textColumn.decode(content.text) : documentColumn.decode(content.document).title,
  );
  return JSON.stringify(highlights);
}
