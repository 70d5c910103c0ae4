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
  lines: [["of approximate answers", "recall"]],
  note: "Measured as soon as searches are answered approximately; so far every answer was exact.",
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
    title: "Time of a search",
    format: milliseconds,
    lines: [
      ["median", "search median"],
      ["99th", "search 99th"],
    ],
    note: "Nobody has searched since you opened this page.",
  },
  {
    title: "Writing",
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
    title: "From commit to subscriber",
    format: milliseconds,
    lines: [
      ["median", "delivery median"],
      ["99th", "delivery 99th"],
    ],
  },
  { title: "Events behind", format: count, lines: [["the last reader", "lag"]] },
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
  { title: "Time to answer", format: milliseconds, lines: [["this page", "answer"]] },
];

const ofLibraries: readonly ChartDescription[] = [
  searches,
  { title: "Events", format: perSecond, lines: [["committed", "committed"]] },
  { title: "Memory of indexes", format: bytes, lines: [["all", "indexes"]] },
  recall,
];

/** The charts that there is something for. */
export const chartsOf = (hasMetrics: boolean): readonly ChartDescription[] => (hasMetrics ? ofServer : ofLibraries);
