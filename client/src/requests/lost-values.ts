import { ArrwClientError } from "../errors.ts";

/**
 * JSON has no `undefined`, which is left out, and no `NaN` and infinity, which become null: a filter would then select other
 * documents, and a patch remove a field.
 *
 * @throws ArrwClientError `validation_failed` if the value, which has no cycles, contains what JSON would lose
 */
export function refuseLostValues(
  value: unknown,
  field: string,
  { orUndefined }: { readonly orUndefined: boolean },
): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw lost(field, `is ${value}, which JSON does not have`);
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const at = `${field}.${name}`;
    if (part !== undefined) refuseLostValues(part, at, { orUndefined });
    else if (orUndefined) throw lost(at, "is undefined, and would be left out; leave it out, or give a value");
  }
}

const lost = (field: string, fault: string) =>
  new ArrwClientError("validation_failed", `${field}: ${fault}`, { field });
