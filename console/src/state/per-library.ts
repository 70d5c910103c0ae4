/** Libraries of which a page remembers what was filled in. */
const most = 50;

/**
 * What was filled in for each library, so that it is still there when one comes back from another view; until the page is
 * reloaded.
 */
export function perLibrary<Form>(make: () => Form): (libraryId: string) => Form {
  const forms = new Map<string, Form>();
  return (libraryId) => {
    const form = forms.get(libraryId) ?? make();
    // The one used last is the last to be forgotten.
    forms.delete(libraryId);
    forms.set(libraryId, form);
    for (const id of forms.keys()) {
      if (forms.size <= most) break;
      forms.delete(id);
    }
    return form;
  };
}
