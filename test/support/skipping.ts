import { describe } from "vitest";

/** What stands behind the name of a test that is skipped because something is missing: it tells no more by itself. */
export const because = (missing: string | undefined): string => (missing === undefined ? "" : ` (skipped: ${missing})`);

/** `describe`, skipped where something is missing. */
export function describeUnless(missing: string | undefined, name: string, define: () => void): void {
  describe.skipIf(missing !== undefined)(name + because(missing), () => {
    define();
  });
}
