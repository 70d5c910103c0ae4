import { refreshLibraries } from "./libraries.ts";
import { client } from "./server.ts";
import { tellFailed, uploadDocuments } from "./uploads.ts";

/** Creates a library with a few dozen documents, which stream in while the user watches. Returns its id. */
export async function loadSamples(): Promise<string> {
  const { id } = await client.value.libraries.create({
    name: "Samples",
    description: "Short sample texts",
  });
  await refreshLibraries();
  void addSamples(id);
  return id;
}

export async function addSamples(libraryId: string): Promise<void> {
  try {
    const { sampleDocuments } = await import("../sample-documents.ts");
    await uploadDocuments(libraryId, "Samples", sampleDocuments());
  } catch {
    // After an upgrade, the server no longer has the files that an open page requests.
    tellFailed(
      libraryId,
      "Samples",
      "The samples could not be loaded; reload the page, as the server may have been upgraded.",
    );
  }
}
