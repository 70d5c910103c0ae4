import { rolldown, type OutputOptions, type RolldownOptions } from "rolldown";

/** Writes JavaScript, with the comments that tools read. Any doubt of the bundler about the sources is an error. */
export async function bundle(input: RolldownOptions, output: OutputOptions): Promise<void> {
  const made = await rolldown({
    // What the oldest Node that is supported runs, and any browser of the last years.
    transform: { target: "es2023" },
    ...input,
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  await made.write({ format: "es", comments: { annotation: true, legal: true }, ...output });
}

/** Whether a module belongs to one of these packages, which are installed beside the one that imports it. */
export const isOf = (packages: readonly string[]) => (id: string) =>
  packages.some((name) => id === name || id.startsWith(`${name}/`));
