/** The oldest Node that runs the published package: `engines` of its manifest, which a test compares. */
const oldest = [22, 19] as const;

/** @throws Error that says what to do, in a Node that is too old */
export function requireNode(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new Error(
    `arrwDB needs Node ${oldest.join(".")} or newer, and this is Node ${version}; install Node 24 from https://nodejs.org and try again`,
  );
}
