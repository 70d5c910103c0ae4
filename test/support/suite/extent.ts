/** Whether everything is tried at full length, as `npm run test:long` does. */
export const isLong = process.env["ARRWDB_TEST_LONG"] === "yes";

/** How much of something is tried: a short piece of it in `npm test`, with the planned seed, and all in `npm run test:long`. */
export const extent = <Short, Long>(short: Short, long: Long): Short | Long => (isLong ? long : short);

/** So that a run on one machine is a run on every other. */
const plannedSeed = 20_261_128;

/** Of everything random in tests: `ARRWDB_TEST_SEED`. The long run takes a new one each time, and prints it. */
export const testSeed = readSeed(process.env["ARRWDB_TEST_SEED"]);

function readSeed(asked: string | undefined): number {
  if (asked === undefined || asked === "") return plannedSeed;
  const seed = Number(asked);
  if (!Number.isInteger(seed)) throw new Error(`ARRWDB_TEST_SEED (${asked}) must be a whole number`);
  return seed;
}
