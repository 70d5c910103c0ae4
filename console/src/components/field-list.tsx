import { useSignal } from "@preact/signals";
import type { MetadataField } from "../documents/metadata-fields.ts";

/** Fields and characters of each that are shown first. */
const shownFields = 8;
const shownCharacters = 80;
/** Characters of each once all fields are. */
const mostCharacters = 2_000;

const shortened = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** Fields with their values: the first ones, and all of them on demand. */
export function FieldList({ fields }: { readonly fields: readonly MetadataField[] }) {
  const all = useSignal(false);
  if (fields.length === 0) return null;
  const isCut = fields.length > shownFields || fields.some(({ text }) => text.length > shownCharacters);
  const most = all.value ? mostCharacters : shownCharacters;
  return (
    <ul class="fields" aria-label="Metadata">
      {fields.slice(0, all.value ? fields.length : shownFields).map(({ path, text }) => (
        <li key={path}>
          <span>{path}</span> {shortened(text, most)}
        </li>
      ))}
      {isCut && (
        <li>
          <button type="button" class="link" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
            {all.value ? "Less" : fields.length > shownFields ? `${fields.length - shownFields} more` : "More"}
          </button>
        </li>
      )}
    </ul>
  );
}
