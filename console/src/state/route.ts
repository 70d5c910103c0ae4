import { computed, signal } from "@preact/signals";

export const tabs = ["search", "documents", "add", "map", "live", "events", "room"] as const;
export type Tab = (typeof tabs)[number];

/** What a tab is opened on, by the parts of the address behind its name. */
export type Item = readonly string[];

export type Route =
  | { readonly view: "home" }
  | { readonly view: "health" }
  | { readonly view: "library"; readonly id: string; readonly tab: Tab; readonly item: Item };

const isTab = (text: string): text is Tab => tabs.some((tab) => tab === text);

function parse(hash: string): Route {
  const [view, id, tab = "", ...item] = hash.replace(/^#\/?/, "").split("/").map(decode);
  if (view === "health") return { view };
  if (view === "library" && id !== undefined && id !== "") {
    return isTab(tab) ? { view, id, tab, item } : { view, id, tab: "search", item: [] };
  }
  return { view: "home" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

/** The route, from the address after `#`, which is not sent to the server. */
export const route = computed(() => parse(hash.value));

const inLibrary = (id: string, tab: Tab, ...item: Item) =>
  `#/${["library", id, tab, ...item].map(encodeURIComponent).join("/")}`;

export const addressOf = {
  home: "#/",
  health: "#/health",
  library: (id: string, tab: Tab = "search") => inLibrary(id, tab),
  room: (id: string, room: string) => inLibrary(id, "room", room),
  document: (id: string, documentId: string) => inLibrary(id, "documents", documentId),
  similarDocuments: (id: string, documentId: string) => inLibrary(id, "search", "document", documentId),
  similarPassages: (id: string, documentId: string, chunkId: string) =>
    inLibrary(id, "search", "passage", documentId, chunkId),
};

export function go(address: string): void {
  location.hash = address;
}
