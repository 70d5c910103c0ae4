import { computed, signal } from "@preact/signals";

export const tabs = ["search", "add", "map", "live", "events", "room"] as const;
export type Tab = (typeof tabs)[number];

export type Route =
  | { readonly view: "home" }
  | { readonly view: "health" }
  | { readonly view: "library"; readonly id: string; readonly tab: Tab; readonly room: string | undefined };

const isTab = (text: string): text is Tab => tabs.some((tab) => tab === text);

function parse(hash: string): Route {
  const [view, id, tab = "", room] = hash.replace(/^#\/?/, "").split("/").map(decode);
  if (view === "health") return { view };
  if (view === "library" && id !== undefined && id !== "") {
    return { view, id, tab: isTab(tab) ? tab : "search", room };
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

export const addressOf = {
  home: "#/",
  health: "#/health",
  library: (id: string, tab: Tab = "search") => `#/library/${encodeURIComponent(id)}/${tab}`,
  room: (id: string, room: string) => `#/library/${encodeURIComponent(id)}/room/${encodeURIComponent(room)}`,
};

export function go(address: string): void {
  location.hash = address;
}
