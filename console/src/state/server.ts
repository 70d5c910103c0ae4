import { computed, effect, signal } from "@preact/signals";
import { ArrwClient, ArrwClientError } from "arrwdb-client";
import { repeat } from "./repeat.ts";

const storageKey = "arrwdb-key";

/** The API key, where the server wants one. It is kept until the tab is closed, and never put into an address. */
const key = signal(sessionStorage.getItem(storageKey) ?? undefined);

/** Whether the server refused us for want of a key that it knows. */
export const keyWanted = signal(false);

/** Since when the server does not answer, if so. */
export const awaySince = signal<Date | undefined>(undefined);

const connect = (apiKey: string | undefined) =>
  new ArrwClient({
    url: location.origin + location.pathname,
    timeout: 20_000,
    reconnect: { minDelay: 200, maxDelay: 5_000 },
    ...(apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` } }),
  });

/** The client of the server that this page came from. Another key makes another one. */
export const client = computed(() => connect(key.value));

export function useKey(text: string): void {
  sessionStorage.setItem(storageKey, text);
  keyWanted.value = false;
  key.value = text;
}

/** What an error means for the page as a whole; every view hands its errors here. Gives its words for people. */
export function noteError(error: unknown): string {
  if (!(error instanceof ArrwClientError)) return error instanceof Error ? error.message : String(error);
  if (error.status === 401) keyWanted.value = true;
  if (error.code === "network" || error.code === "shutting_down") awaySince.value ??= new Date();
  return error.message;
}

/** Whether an error is only the end of what the page itself has ended. */
export const isAbort = (error: unknown): boolean =>
  (error instanceof DOMException && error.name === "AbortError") ||
  (error instanceof ArrwClientError && error.code === "closed");

/** Asks the server for a sign of life, more often while there is none. */
export function watchServer(): void {
  effect(() => {
    const away = awaySince.value !== undefined;
    const current = client.value;
    return repeat(away ? 1_000 : 5_000, async (abort) => {
      try {
        await current.ready({ signal: abort, timeout: 4_000 });
        awaySince.value = undefined;
      } catch (error) {
        if (abort.aborted) return;
        if (error instanceof ArrwClientError && error.code === "timeout") awaySince.value ??= new Date();
        noteError(error);
        if (!away) throw error;
      }
    });
  });
}
