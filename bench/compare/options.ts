import { parseArgs } from "node:util";
import { fullProfile, type Profile, quickProfile, withChunks } from "./profile.ts";

export const scenarioNames = [
  "real-text",
  "compare",
  "scaling",
  "ingest-under-search",
  "many-libraries",
  "restart",
  "text",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const serverPeerNames = ["pgvector", "redis", "chroma", "qdrant"] as const;
export type ServerPeerName = (typeof serverPeerNames)[number];

export const engineNames = ["usearch", "arrwdb", "lancedb", ...serverPeerNames] as const;
export type EngineName = (typeof engineNames)[number];

export interface Options {
  readonly profile: Profile;
  readonly scenarios: ReadonlySet<ScenarioName>;
  readonly engines: ReadonlySet<EngineName>;
  /** Where the peers that are servers answer. */
  readonly addresses: Readonly<Partial<Record<ServerPeerName, string>>>;
  /** What starts them, for those that the bench is to start, stop and start again itself. */
  readonly commands: Readonly<Partial<Record<ServerPeerName, string>>>;
  /** The directory of real texts, other than the usual one. */
  readonly realText: string | undefined;
  readonly json: boolean;
  /** The file that the chart is written to. */
  readonly chart: string | undefined;
}

export const help = `npm run bench -- [options]

  --quick              small and short: within two minutes where no peers are given
  --scale 1m           so many chunks (100k, 1m): a long run
  --only NAMES         scenarios (${scenarioNames.join(", ")})
                       and engines (${engineNames.join(", ")}), with commas between
  --pgvector URL       the address of a peer that runs; also --redis, --chroma, --qdrant,
                       or PGVECTOR_URL, REDIS_URL, CHROMA_URL, QDRANT_URL
  --start NAME=COMMAND starts that peer at its turn, in the foreground of a shell, and stops it behind;
                       without it the time to ready after a restart cannot be measured
  --real-text DIR      where the embedded sentences and questions of Cranfield lie, other than ../shared/data/real-text;
                       without them the comparison on real texts is left out
  --json               prints JSON instead of tables
  --chart FILE         writes a bar chart as SVG
`;

export class OptionError extends Error {}

const isOneOf = <Name extends string>(names: readonly Name[], name: string): name is Name =>
  names.some((known) => known === name);

/** @throws OptionError where an option cannot be understood. */
export function readOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      "real-text": { type: "string" },
      scale: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      start: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      chart: { type: "string" },
      pgvector: { type: "string" },
      redis: { type: "string" },
      chroma: { type: "string" },
      qdrant: { type: "string" },
    },
  });
  const addresses: Partial<Record<ServerPeerName, string>> = {};
  for (const name of serverPeerNames) {
    const address = values[name] ?? environment[`${name.toUpperCase()}_URL`];
    if (address !== undefined) addresses[name] = address;
  }
  const profile = values.quick ? quickProfile : fullProfile;
  return {
    profile: values.scale === undefined ? profile : withChunks(profile, chunksOf(values.scale)),
    ...readOnly(
      values.only.flatMap((names) => names.split(",")),
      values.quick ? engineNames.filter((name) => name !== "lancedb") : engineNames,
    ),
    addresses,
    commands: readCommands(values.start),
    realText: values["real-text"],
    json: values.json,
    chart: values.chart,
  };
}

/** Names of scenarios choose these, names of engines choose the comparison with these. */
function readOnly(names: readonly string[], usual: readonly EngineName[]): Pick<Options, "scenarios" | "engines"> {
  const scenarios = names.filter((name) => isOneOf(scenarioNames, name));
  const engines = names.filter((name) => isOneOf(engineNames, name));
  const wrong = names.find((name) => !isOneOf(scenarioNames, name) && !isOneOf(engineNames, name));
  if (wrong !== undefined) throw new OptionError(`--only: there is no scenario or engine ${wrong}`);
  if (engines.length > 0 && !scenarios.includes("real-text")) scenarios.push("compare");
  return {
    scenarios: new Set(scenarios.length > 0 ? scenarios : scenarioNames),
    engines: new Set(engines.length > 0 ? engines : usual),
  };
}

function readCommands(pairs: readonly string[]): Partial<Record<ServerPeerName, string>> {
  const commands: Partial<Record<ServerPeerName, string>> = {};
  for (const pair of pairs) {
    const name = pair.slice(0, pair.indexOf("="));
    if (!isOneOf(serverPeerNames, name)) throw new OptionError(`--start: ${pair} is not NAME=COMMAND`);
    commands[name] = pair.slice(name.length + 1);
  }
  return commands;
}

function chunksOf(text: string): number {
  const match = /^(\d+)([km]?)$/i.exec(text);
  const unit = { "": 1, k: 1_000, m: 1_000_000 }[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN;
  const chunks = Number(match?.[1]) * unit;
  if (!(chunks >= 1_000)) throw new OptionError(`--scale: ${text} is not a number of chunks from 1k on`);
  return chunks;
}
