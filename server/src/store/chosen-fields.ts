import type { Metadata, MetadataValue } from "@arrwdb/protocol/documents/metadata";
import { isList, isObject } from "@arrwdb/protocol/filter/field-values";
import type { HitField, Include } from "@arrwdb/protocol/search/include";
import type { FoundHit, SearchHit } from "@arrwdb/protocol/search/search";

type ContentField = "text" | "metadata" | "own_metadata" | "document";
type HitMetadata = SearchHit["metadata"];
type HitDocument = SearchHit["document"];

/** Whether all of a field is chosen, or only what some names inside lead to. Undefined if it is left out. */
type PartChoice = "all" | readonly string[];

/** The fields of `include`, taken from hits. */
export class FieldChoice {
  readonly #include: Include;
  readonly text: boolean;
  readonly embedding: boolean;
  readonly metadata: PartChoice | undefined;
  readonly ownMetadata: PartChoice | undefined;
  readonly document: PartChoice | undefined;

  constructor(include: Include) {
    this.#include = include;
    this.text = this.#choice("text") !== undefined;
    this.embedding = this.#choice("embedding") !== undefined;
    this.metadata = this.#choice("metadata");
    this.ownMetadata = this.#choice("own_metadata");
    this.document = this.#choice("document");
  }

  /** The chosen part of what a hit contains. */
  of({ text, metadata, own_metadata: own, document }: Pick<SearchHit, ContentField>): Pick<FoundHit, ContentField> {
    return {
      ...(this.text ? { text } : {}),
      ...(this.metadata === undefined ? {} : { metadata: chosenMetadata(metadata, this.metadata) }),
      ...(this.ownMetadata === undefined || own === undefined ? {} : { own_metadata: chosenIn(own, this.ownMetadata) }),
      ...(this.document === undefined ? {} : { document: chosenDocument(document, this.document) }),
    };
  }

  #choice(field: HitField & ("text" | "metadata" | "own_metadata" | "document" | "embedding")): PartChoice | undefined {
    if (this.#include.includes(field)) return "all";
    const names = behind(this.#include, field);
    return names.length === 0 ? undefined : names;
  }
}

function chosenMetadata(metadata: HitMetadata, choice: PartChoice): NonNullable<FoundHit["metadata"]> {
  if (choice === "all") return metadata;
  const { created_at, page_number, chunk_index, source_document_id, ...own } = metadata;
  const added = picked({ created_at, page_number, chunk_index, source_document_id }, choice);
  return { ...chosenIn(own, choice), ...added };
}

export function chosenDocument(document: HitDocument, choice: PartChoice): Partial<HitDocument> {
  if (choice === "all") return document;
  const whole = picked(document, choice);
  const names = behind(choice, "metadata");
  if ("metadata" in whole || names.length === 0) return whole;
  return { ...whole, metadata: chosenIn(document.metadata, names) };
}

/** What the names lead to, as in filters: through objects, and into each object of a list. */
export function chosenIn(metadata: Metadata, choice: PartChoice): Metadata {
  if (choice === "all") return metadata;
  const kept = Object.entries(metadata).flatMap(([name, value]): [string, MetadataValue][] => {
    if (choice.includes(name)) return [[name, value]];
    const names = behind(choice, name);
    const inner = names.length === 0 ? undefined : chosenInside(value, names);
    return inner === undefined ? [] : [[name, inner]];
  });
  return Object.fromEntries(kept);
}

function chosenInside(value: MetadataValue, names: readonly string[]): MetadataValue | undefined {
  if (isList(value)) return value.flatMap((each) => chosenInside(each, names) ?? []);
  return isObject(value) ? chosenIn(value, names) : undefined;
}

/** The rest of the names that begin with this one. */
const behind = (names: readonly string[], name: string): readonly string[] =>
  names.flatMap((each) => (each.startsWith(`${name}.`) ? [each.slice(name.length + 1)] : []));

function picked<Fields extends object>(fields: Fields, names: readonly string[]): Partial<Fields> {
  const kept: Partial<Fields> = {};
  for (const name in fields) if (names.includes(name)) kept[name] = fields[name];
  return kept;
}
