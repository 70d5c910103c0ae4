import parse from "parse-prometheus-text-format";
import { z } from "zod";

const labels = z.record(z.string(), z.string());
const number = z.string().transform(Number);

const family = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(["COUNTER", "GAUGE", "UNTYPED"]),
  metrics: z.array(z.object({ labels: labels.optional(), value: number })),
});

/** What `/metrics` told at one moment, as a parser of Prometheus' text format reads it. */
export class Scrape {
  readonly families: readonly z.output<typeof family>[];
  /** Names of metrics as they are told of: a histogram is one, however many samples it has. */
  readonly documented: readonly string[];

  static async of(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`, { headers });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return new Scrape(await response.text());
  }

  constructor(text: string) {
    // The parser reads histograms without labels only; their samples, and those of summaries, are as good each for itself.
    const untyped = text.replaceAll(/^# TYPE (\S+) (?:histogram|summary)$/gm, "# TYPE $1 untyped");
    this.families = z.array(family).parse(parse(untyped));
    this.documented = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name ?? "");
  }

  get names(): readonly string[] {
    return this.families.map(({ name }) => name);
  }

  /** The sum of what has these labels, and perhaps others; of a histogram, how often it was told. */
  value(name: string, wanted: Readonly<Record<string, string>> = {}): number {
    const samples = this.#samples(name) ?? this.#samples(`${name}_count`);
    if (samples === undefined && !this.documented.includes(name)) throw new Error(`There is no metric ${name}`);
    return (samples ?? [])
      .filter(({ labels: given = {} }) => Object.entries(wanted).every(([key, value]) => given[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  #samples(name: string): z.output<typeof family>["metrics"] | undefined {
    const samples = this.families.flatMap((candidate) => (candidate.name === name ? candidate.metrics : []));
    return samples.length === 0 ? undefined : samples;
  }

  /** Every value that a label has anywhere. */
  valuesOf(label: string): readonly string[] {
    const values = this.families.flatMap(({ metrics }) => metrics.flatMap(({ labels: given }) => given?.[label] ?? []));
    return [...new Set(values)];
  }
}
