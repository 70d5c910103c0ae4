import { computed, effect, signal } from "@preact/signals";
import { ArrwClientError, type Library } from "arrwdb-client";
import { Rate } from "./rate.ts";
import { repeat } from "./repeat.ts";
import { route } from "./route.ts";
import { client, noteError, refusal } from "./server.ts";

/** Libraries that the console shows at a time. */
export const librariesPerPage = 500;
const interval = 2_000;

export interface WatchedLibrary {
  readonly library: Library;
  /** Changes per second, newest last. */
  readonly rates: readonly number[];
}

/** One page of the server's libraries; undefined before the first response. */
export const libraries = signal<readonly WatchedLibrary[] | undefined>(undefined);

/** Why the list is missing or stale. */
export const librariesFault = signal("");

/** The cursors of the current page and of those before it. */
const cursors = signal<readonly (string | undefined)[]>([undefined]);
const nextCursor = signal<string | undefined>(undefined);

/** The number of libraries on previous pages. */
export const librariesBefore = computed(() => (cursors.value.length - 1) * librariesPerPage);
export const moreLibraries = computed(() => nextCursor.value !== undefined);

/** The current library, if it is not on the page of the list. */
const apart = signal<WatchedLibrary | undefined>(undefined);

/** The id of the current library, if the server reports that it does not exist. */
export const missingLibrary = signal<string | undefined>(undefined);

const openId = computed(() => (route.value.view === "library" ? route.value.id : undefined));
const rates = new Map<string, Rate>();

function watched(library: Library): WatchedLibrary {
  const rate = rates.get(library.id) ?? new Rate();
  rates.set(library.id, rate);
  rate.add(library.seq, performance.now());
  return { library, rates: rate.history };
}

/** Undefined if there is none, or the id is invalid. */
async function find(id: string, abort: AbortSignal): Promise<Library | undefined> {
  try {
    return await client.value.libraries.get(id, { signal: abort });
  } catch (error) {
    const isAbsent = error instanceof ArrwClientError && (error.status === 404 || error.status === 400);
    if (isAbsent) return undefined;
    throw error;
  }
}

async function read(abort: AbortSignal): Promise<void> {
  const cursor = cursors.value.at(-1);
  const page = await client.value.libraries.page({ limit: librariesPerPage, cursor, signal: abort });
  if (page.libraries.length === 0 && cursor !== undefined) return firstLibraries();
  const id = openId.value;
  const isShown = id === undefined || page.libraries.some((library) => library.id === id);
  const alone = isShown ? undefined : await find(id, abort);
  const all = alone === undefined ? page.libraries : [...page.libraries, alone];
  abort.throwIfAborted();
  const ids = new Set(all.map((library) => library.id));
  for (const known of rates.keys()) if (!ids.has(known)) rates.delete(known);
  libraries.value = page.libraries.map(watched);
  apart.value = alone === undefined ? undefined : watched(alone);
  missingLibrary.value = isShown || alone !== undefined ? undefined : id;
  nextCursor.value = page.next_cursor ?? undefined;
  librariesFault.value = "";
}

/** The state of a library; undefined before it was read, and if it does not exist. */
export const watchedLibrary = (id: string): WatchedLibrary | undefined =>
  libraries.value?.find(({ library }) => library.id === id) ??
  (apart.value?.library.id === id ? apart.value : undefined);

/** Whether the library has no model, so that a text can be searched by its words alone. */
export const hasWordsOnly = (id: string): boolean => watchedLibrary(id)?.library.embedding_model === "none";

function firstLibraries(): void {
  [cursors.value, nextCursor.value] = [[undefined], undefined];
}

export function laterLibraries(): void {
  const next = nextCursor.value;
  // Whether a next page exists is known once this one was read.
  if (next !== undefined) [cursors.value, nextCursor.value] = [[...cursors.value, next], undefined];
}

export function earlierLibraries(): void {
  const [left, ...before] = cursors.value.toReversed();
  if (before.length > 0) [cursors.value, nextCursor.value] = [before.toReversed(), left];
}

/** Looks again at once, as something was done. */
export async function refreshLibraries(): Promise<void> {
  await read(new AbortController().signal).catch(noteError);
}

export function watchLibraries(): void {
  effect(() => {
    // Another client, with another key, sees other libraries.
    void client.value;
    libraries.value = undefined;
    firstLibraries();
  });
  effect(() => {
    void client.value;
    // Restarts the polling at once.
    void cursors.value;
    void openId.value;
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
