import { computed, effect, signal } from "@preact/signals";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storageKey = "arrwdb-theme";
const isTheme = (text: string | null): text is Theme => themes.some((theme) => theme === text);

const stored = localStorage.getItem(storageKey);
export const theme = signal<Theme>(isTheme(stored) ? stored : "system");

effect(() => {
  localStorage.setItem(storageKey, theme.value);
  document.documentElement.dataset["theme"] = theme.value;
});

export const prefersLessMotion = matchMedia("(prefers-reduced-motion: reduce)");

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", ({ matches }) => (systemDark.value = matches));

/** Whether the theme is dark, for canvas drawing. */
export const isDark = computed(() => (theme.value === "system" ? systemDark.value : theme.value === "dark"));
