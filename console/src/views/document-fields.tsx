import type { DocumentForm, FormField } from "../documents/document-form.ts";

interface DocumentFieldsProps {
  readonly form: DocumentForm;
  /** The title that the server made, if there is no other. */
  readonly generated: string | undefined;
  readonly disabled: boolean;
  readonly onChange: (form: DocumentForm) => void;
}

/** What can be changed of a document without its texts. */
export function DocumentFields({ form, generated, disabled, onChange }: DocumentFieldsProps) {
  const line = (field: FormField, label: string, placeholder = "") => (
    <label class="field">
      {label}
      <input
        disabled={disabled}
        placeholder={placeholder}
        maxLength={2_000}
        value={form[field]}
        onInput={({ currentTarget }) => onChange({ ...form, [field]: currentTarget.value })}
      />
    </label>
  );
  const lines = (field: FormField, label: string, rows: number) => (
    <label class="field">
      {label}
      <textarea
        class={field === "metadata" ? "code" : undefined}
        disabled={disabled}
        spellcheck={false}
        rows={rows}
        value={form[field]}
        onInput={({ currentTarget }) => onChange({ ...form, [field]: currentTarget.value })}
      />
    </label>
  );
  return (
    <>
      <h2>Fields</h2>
      {line("title", "Title", generated === undefined ? "made from the text if empty" : generated)}
      {line("author", "Author")}
      {line("document_type", "Type")}
      {line("source_url", "Source URL")}
      {lines("tags", "Tags, one on each line", Math.min(6, Math.max(2, form.tags.split("\n").length)))}
      {line("expires_at", "Expires at", "never, or 2027-01-31T12:00Z")}
      {lines("metadata", "Metadata as JSON", Math.min(18, Math.max(4, form.metadata.split("\n").length)))}
    </>
  );
}
