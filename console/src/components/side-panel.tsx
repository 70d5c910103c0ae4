import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** As in layout.css. */
const narrow = matchMedia("(max-width: 60rem)");
const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", ({ matches }) => (isNarrow.value = matches));

interface SidePanelProps {
  /** What it is called where it has to be opened first. */
  readonly title: string;
  readonly children: ComponentChildren;
}

/** Settings beside a list; where there is no room beside it, folded up above it. */
export function SidePanel({ title, children }: SidePanelProps) {
  if (!isNarrow.value) return <div class="panel side">{children}</div>;
  return (
    <details class="panel side">
      <summary>{title}</summary>
      <div class="panel-body">{children}</div>
    </details>
  );
}
