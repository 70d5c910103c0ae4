import type { Document } from "arrwdb-client";
import { type DocumentForm, formFields, formOf } from "../documents/document-form.ts";
import { fieldsOfMetadata } from "../documents/metadata-fields.ts";
import { time } from "../format.ts";

interface OtherChangeProps {
  readonly before: Document;
  readonly after: Document;
  readonly onAdopt: (mine: "keep" | "discard") => void;
}

interface Difference {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

const shortened = (text: string) => (text === "" ? "nothing" : text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** Says that somebody else has changed a document that is being changed here, and what. */
export function OtherChange({ before, after, onAdopt }: OtherChangeProps) {
  const differences = differencesOf(before, after);
  return (
    <div class="other-change" role="alert">
      <p>
        <b>Somebody else changed this document</b> at {time(after.updated_at)}. Your changes are not saved yet.
      </p>
      <ul>
        {differences.map(({ field, from, to }) => (
          <li key={field}>
            <b>{field}</b>: <del>{shortened(from)}</del> → <ins>{shortened(to)}</ins>
          </li>
        ))}
        {differences.length === 0 && <li>Its texts were written anew; no field is different.</li>}
      </ul>
      <p class="actions">
        <button type="button" onClick={() => onAdopt("discard")}>
          Discard mine
        </button>
        <button type="button" class="primary" onClick={() => onAdopt("keep")}>
          Keep mine on top
        </button>
      </p>
    </div>
  );
}

function differencesOf(before: Document, after: Document): readonly Difference[] {
  const [own, other] = [before, after].map(textsOf);
  const fields = new Set([...(own?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...fields].flatMap((field) => {
    const [from, to] = [own?.get(field) ?? "", other?.get(field) ?? ""];
    return from === to ? [] : [{ field, from, to }];
  });
}

function textsOf(document: Document): ReadonlyMap<string, string> {
  const form: DocumentForm = formOf(document);
  const plain = formFields
    .filter((field) => field !== "metadata")
    .map((field): [string, string] => [field, form[field]]);
  const custom = fieldsOfMetadata(document.metadata).map(({ path, text }): [string, string] => [path, text]);
  return new Map([...plain, ...custom]);
}
