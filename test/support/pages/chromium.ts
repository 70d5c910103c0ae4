import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Where Debian's Chromium is, if it is installed. */
export const chromiumPath = await promisify(execFile)("which", ["chromium"]).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

/** Why nothing can be tried in a browser. */
export const noChromium = chromiumPath === undefined ? "chromium is not installed" : undefined;

/** No sandbox, as CI is root; and nothing that would ask the network for anything but the page. */
export const chromiumFlags = [
  "--no-sandbox",
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;
