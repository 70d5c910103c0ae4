import { useLayoutEffect, useRef } from "preact/hooks";
import { prefersLessMotion } from "../state/theme.ts";

/**
 * Animates the children of a list, identified by `data-key`, to their new places when their order changes. With reduced
 * motion, they move at once.
 */
export function useMoves(order: string) {
  const list = useRef<HTMLOListElement>(null);
  const tops = useRef<ReadonlyMap<string, number>>(new Map());
  useLayoutEffect(() => {
    const before = tops.current;
    const now = new Map<string, number>();
    for (const child of list.current?.children ?? []) {
      if (!(child instanceof HTMLElement)) continue;
      const key = child.dataset["key"] ?? "";
      now.set(key, child.offsetTop);
      const from = before.get(key);
      if (from === undefined || from === child.offsetTop || prefersLessMotion.matches) continue;
      child.animate([{ transform: `translateY(${from - child.offsetTop}px)` }, { transform: "none" }], {
        duration: 350,
        easing: "ease-out",
      });
    }
    tops.current = now;
  }, [order]);
  return list;
}
