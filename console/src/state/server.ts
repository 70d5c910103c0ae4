import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { ArrwClient, ArrwClientError, type Grant } from "arrwdb-client";
import { repeat } from "./repeat.ts";

const storageKey = "arrwdb-key";
/** Milliseconds between two requests for the grant. */
const grantInterval = 60_000;

/** Why the server lets this page do nothing. */
export interface Refusal {
  /** Whether the page showed a key, which does not hold. */
  readonly hadKey: boolean;
  readonly reason: string;
}

/**
 * The client sends the key with each request, and to WebSockets as a subprotocol. @throws TypeError for an invalid key
 */
const connect = (key: string | undefined) =>
  new ArrwClient({
    url: location.origin + location.pathname,
    timeout: 20_000,
    reconnect: { minDelay: 200, maxDelay: 5_000 },
    key,
  });

interface Connection {
  readonly client: ArrwClient;
  readonly key: string | undefined;
}

/** With the key that was kept, which lasts as long as the tab. */
function connectAgain(): Connection {
  const key = sessionStorage.getItem(storageKey) ?? undefined;
  try {
    return { key, client: connect(key) };
  } catch {
    sessionStorage.removeItem(storageKey);
    return { key: undefined, client: connect(undefined) };
  }
}

const first = connectAgain();
let key = first.key;
const current = signal(first.client);
const refused = signal<Refusal | undefined>(undefined);
const granted = signal<Grant | undefined>(undefined);

/** The client of the server that served this page. Another key creates another one. */
export const client: ReadonlySignal<ArrwClient> = current;

/** Why the server refuses this page, if it does: it requires a key, or the page's key is no longer valid. */
export const refusal: ReadonlySignal<Refusal | undefined> = refused;

/** What the key allows; undefined until the server has responded. */
export const grant: ReadonlySignal<Grant | undefined> = granted;

/** Since when the server is unreachable, if it is. */
export const awaySince = signal<Date | undefined>(undefined);

/** Uses another key from now on, once the server accepts it; otherwise nothing changes. Throws as the client. */
export async function changeKey(text: string): Promise<void> {
  const next = connect(text);
  granted.value = await next.grant();
  sessionStorage.setItem(storageKey, text);
  key = text;
  current.value = next;
  refused.value = undefined;
}

export function forgetKey(): void {
  sessionStorage.removeItem(storageKey);
  key = undefined;
  [granted.value, refused.value] = [undefined, undefined];
  current.value = connect(undefined);
}

/** The headers by which requests beside the client show the key. */
export const keyHeaders = (): Readonly<Record<string, string>> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

/** Requests the grant. The only place that decides whether the page is refused, by the response for the current key. */
async function readGrant(abort?: AbortSignal): Promise<void> {
  const asked = current.value;
  try {
    const answer = await asked.grant({ signal: abort });
    if (asked === current.value) [granted.value, refused.value] = [answer, undefined];
  } catch (error) {
    if (abort?.aborted === true || asked !== current.value) return;
    if (!(error instanceof ArrwClientError && error.status === 401)) throw error;
    [granted.value, refused.value] = [undefined, { hadKey: key !== undefined, reason: error.message }];
  }
}

/** Requests the grant now, without waiting for the interval. */
export async function lookAgain(): Promise<void> {
  try {
    await readGrant();
  } catch (error) {
    noteError(error);
  }
}

/** Updates the page's state by an error; every view reports its errors here. Returns the message to show. */
export function noteError(error: unknown): string {
  if (!(error instanceof ArrwClientError)) return error instanceof Error ? error.message : String(error);
  if (error.status === 401) void lookAgain();
  if (error.code === "network" || error.code === "shutting_down") awaySince.value ??= new Date();
  return error.message;
}

/** Whether an error is only an abort by the page itself. */
export const isAbort = (error: unknown): boolean =>
  (error instanceof DOMException && error.name === "AbortError") ||
  (error instanceof ArrwClientError && error.code === "closed");

/** Checks whether the server responds, more often while it does not, and refreshes the grant from time to time. */
export function watchServer(): void {
  effect(() => {
    const away = awaySince.value !== undefined;
    const asked = client.value;
    return repeat(away ? 1_000 : 5_000, async (abort) => {
      try {
        await asked.ready({ signal: abort, timeout: 4_000 });
        awaySince.value = undefined;
      } catch (error) {
        if (abort.aborted) return;
        if (error instanceof ArrwClientError && error.code === "timeout") awaySince.value ??= new Date();
        noteError(error);
        if (!away) throw error;
      }
    });
  });
  effect(() => {
    // After an outage too, as the server may require another key now.
    if (awaySince.value !== undefined || refusal.value !== undefined) return undefined;
    void client.value;
    return repeat(grantInterval, async (abort) => {
      await readGrant(abort).catch((error: unknown) => {
        noteError(error);
        throw error;
      });
    });
  });
}
