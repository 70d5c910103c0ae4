import { effect, signal } from "@preact/signals";
import type { Library } from "arrwdb-client";
import { Rate } from "./rate.ts";
import { repeat } from "./repeat.ts";
import { client, noteError, refusal } from "./server.ts";

/** Libraries that the console shows. */
const most = 500;
const interval = 2_000;

export interface WatchedLibrary {
  readonly library: Library;
  /** Changes per second, the newest one last. */
  readonly rates: readonly number[];
}

/** The server's libraries; undefined before its first answer. */
export const libraries = signal<readonly WatchedLibrary[] | undefined>(undefined);
/** Whether there are more than the console shows. */
export const moreLibraries = signal(false);

/** Why the list cannot be told, or not as it is now. */
export const librariesFault = signal("");

const rates = new Map<string, Rate>();

async function read(abort: AbortSignal): Promise<void> {
  const found: WatchedLibrary[] = [];
  let more = false;
  for await (const library of client.value.libraries.list({ signal: abort })) {
    if (found.length === most) {
      more = true;
      break;
    }
    const rate = rates.get(library.id) ?? new Rate();
    rates.set(library.id, rate);
    rate.add(library.seq, performance.now());
    found.push({ library, rates: rate.history });
  }
  const ids = new Set(found.map(({ library }) => library.id));
  for (const id of rates.keys()) if (!ids.has(id)) rates.delete(id);
  libraries.value = found;
  moreLibraries.value = more;
  librariesFault.value = "";
}

/** Whether the library has no model, so that a text can be searched by its words alone. */
export const hasWordsOnly = (id: string): boolean =>
  libraries.value?.find(({ library }) => library.id === id)?.library.embedding_model === "none";

/** Looks again at once, as something was done. */
export async function refreshLibraries(): Promise<void> {
  await read(new AbortController().signal).catch(noteError);
}

export function watchLibraries(): void {
  effect(() => {
    // Another client, with another key, sees other libraries.
    void client.value;
    libraries.value = undefined;
  });
  effect(() => {
    void client.value;
    // Each refused request counts against this address.
    if (refusal.value !== undefined) return undefined;
    return repeat(interval, async (abort) => {
      try {
        await read(abort);
      } catch (error) {
        if (abort.aborted) return;
        librariesFault.value = noteError(error);
        throw error;
      }
    });
  });
}
