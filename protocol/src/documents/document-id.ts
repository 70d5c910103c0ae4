const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuidForm.test(text);

/** The form of a document's id that is stored and compared: UUIDs in lower case, anything else as it is. */
export const canonicalDocumentId = (id: string): string => (isUuid(id) ? id.toLowerCase() : id);

const simple = /^[\w.:/@+=-]+$/;

/**
 * An id in text for people or models: as it is if it is simple, otherwise as a JSON string on one line, without control
 * characters.
 */
export function shownDocumentId(id: string): string {
  return simple.test(id) ? id : JSON.stringify(id).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

const escaped = (character: string) =>
  character.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
