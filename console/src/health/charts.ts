import { bytes, count, milliseconds, perSecond } from "../format.ts";

export interface ChartDescription {
  readonly title: string;
  readonly format: (value: number) => string;
  /** Names of lines, and of the courses that they show. */
  readonly lines: readonly (readonly [string, string])[];
  /** Said while there is nothing to draw. */
  readonly note?: string;
}

const share = (value: number) => value.toFixed(3);

const searches: ChartDescription = { title: "Searches", format: perSecond, lines: [["answered", "searches"]] };
const recall: ChartDescription = {
  title: "Measured recall",
  format: share,
  lines: [["approximate results", "recall"]],
  note: "Measured once searches are approximate; so far all were exact.",
};

const ofServer: readonly ChartDescription[] = [
  {
    title: "Requests",
    format: perSecond,
    lines: [
      ["HTTP", "http"],
      ["WebSocket", "websocket"],
    ],
  },
  searches,
  {
    title: "Search latency",
    format: milliseconds,
    lines: [
      ["median", "search median"],
      ["99th", "search 99th"],
    ],
    note: "No searches since you opened this page.",
  },
  {
    title: "Writes",
    format: perSecond,
    lines: [
      ["documents", "documents"],
      ["chunks", "chunks"],
    ],
  },
  {
    title: "Events",
    format: perSecond,
    lines: [
      ["committed", "committed"],
      ["delivered", "delivered"],
    ],
  },
  {
    title: "Event delivery latency",
    format: milliseconds,
    lines: [
      ["median", "delivery median"],
      ["99th", "delivery 99th"],
    ],
  },
  { title: "Event lag", format: count, lines: [["slowest subscriber", "lag"]] },
  {
    title: "Memory",
    format: bytes,
    lines: [
      ["process", "resident"],
      ["indexes", "indexes"],
    ],
  },
  {
    title: "Event loop delay",
    format: milliseconds,
    lines: [
      ["median", "loop median"],
      ["99th", "loop 99th"],
    ],
  },
  recall,
  { title: "Errors returned", format: perSecond, lines: [["all transports", "errors"]] },
  { title: "Response time", format: milliseconds, lines: [["this page", "answer"]] },
];

const ofLibraries: readonly ChartDescription[] = [
  searches,
  { title: "Events", format: perSecond, lines: [["committed", "committed"]] },
  { title: "Index memory", format: bytes, lines: [["all", "indexes"]] },
  recall,
];

/** The charts that there is something for. */
export const chartsOf = (hasMetrics: boolean): readonly ChartDescription[] => (hasMetrics ? ofServer : ofLibraries);
