/** One line of the server's metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Metrics in the text format of Prometheus; lines that are none are passed over. */
export function parseMetrics(text: string): readonly Sample[] {
  return text.split("\n").flatMap((one) => {
    const [, name, labels = "", value] = line.exec(one) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(label)].map(([, key = "", content = ""]) => [key, content] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value.replace(/^\+Inf$/, "Infinity")) }];
  });
}

export type Choice = (labels: Sample["labels"]) => boolean;

/** The metrics of one scrape, by name. */
export class Metrics {
  readonly #samples = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const sample of parseMetrics(text)) {
      const known = this.#samples.get(sample.name);
      if (known === undefined) this.#samples.set(sample.name, [sample]);
      else known.push(sample);
    }
  }

  of(name: string, choice: Choice = () => true): readonly Sample[] {
    return (this.#samples.get(name) ?? []).filter(({ labels }) => choice(labels));
  }

  /** The sum of all matching samples; 0 if there are none yet. */
  sum(name: string, choice?: Choice): number {
    return this.of(name, choice).reduce((sum, { value }) => sum + value, 0);
  }

  /** The first matching number; undefined if there is none. */
  value(name: string, choice?: Choice): number | undefined {
    return this.of(name, choice).find(({ value }) => Number.isFinite(value))?.value;
  }

  /** How many were at most as large as each bound, over all histograms that are chosen. */
  buckets(name: string, choice?: Choice): ReadonlyMap<number, number> {
    const buckets = new Map<number, number>();
    for (const { labels, value } of this.of(`${name}_bucket`, choice)) {
      const bound = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
    return buckets;
  }
}
