import { cellOf } from "./find-cell.ts";
import type { BenchResult, EngineResult } from "./result.ts";
import { number } from "./table.ts";

interface Panel {
  readonly title: string;
  readonly figure: (engine: EngineResult) => number | undefined;
  readonly absent: string;
}

const panels: readonly Panel[] = [
  {
    title: "Searches per second",
    figure: (engine) => cellOf(engine, 8, null)?.rate,
    absent: "",
  },
  {
    title: "… with a filter that keeps 2%",
    figure: (engine) => cellOf(engine, 8, "fiftieth")?.rate,
    absent: "has no filter",
  },
  {
    title: "Chunks ingested per second",
    figure: ({ ingest }) => ingest.indexedRate ?? ingest.searchableRate,
    absent: "",
  },
];

const margin = 24;
const nameWidth = 92;
const panelWidth = 224;
const panelGap = 28;
/** What the longest bar leaves for its figure. */
const figureWidth = 56;
const headHeight = 92;
const rowHeight = 34;
const barHeight = 16;
const footLine = 18;
const width = 2 * margin + nameWidth + panels.length * panelWidth + (panels.length - 1) * panelGap;

const style = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .head { font-weight: 600; }
    .own { font-weight: 600; }
    .muted { fill: #59636e; font-size: 12px; }
    .surface { fill: #ffffff; }
    .axis { stroke: #d1d9e0; }
    .bar { fill: #a8b3bf; }
    .bar.own { fill: #1f6feb; }
    .bar.limit { fill: none; stroke: #a8b3bf; stroke-dasharray: 3 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .muted { fill: #9198a1; }
      .surface { fill: #0d1117; }
      .axis { stroke: #3d444d; }
      .bar { fill: #59636e; }
      .bar.own { fill: #4493f8; }
      .bar.limit { stroke: #9198a1; }
    }
  `;

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** What an engine is in the picture: the one that it is about, the bound in process, or a peer. */
const roleOf = ({ name }: EngineResult) => (name === "arrwDB" ? " own" : name === "usearch" ? " limit" : "");

const order = (engine: EngineResult) => [" own", "", " limit"].indexOf(roleOf(engine));

/** The comparison as bars, a row for each engine, the one that it is about first. For light and dark pages alike. */
export function chartOf({ engines, data, machine }: BenchResult): string {
  const rows = engines.toSorted(
    (a, b) => order(a) - order(b) || (cellOf(b, 8, null)?.rate ?? 0) - (cellOf(a, 8, null)?.rate ?? 0),
  );
  const feet = footnotes(rows, data.k);
  const bottom = headHeight + rows.length * rowHeight;
  const height = bottom + feet.length * footLine + margin;
  const names = rows.map((engine, row) => {
    const y = headHeight + row * rowHeight + rowHeight / 2 + 4;
    return `  <text x="${margin}" y="${y}" class="${roleOf(engine).trim()}">${escapeXml(engine.name)}</text>`;
  });
  const bodies = panels.map((panel, index) =>
    drawPanel(panel, rows, margin + nameWidth + index * (panelWidth + panelGap)),
  );
  const subtitle = `${number(data.chunks)} chunks of ${data.dimension} dimensions, the ${data.k} nearest, 8 requests in flight, ${machine.cores} cores shared with the load generator. Longer is better.`;
  const footTexts = feet.map(
    (foot, line) =>
      `  <text x="${margin}" y="${bottom + (line + 1) * footLine + 4}" class="muted">${escapeXml(foot)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(describe(rows))}">
  <style>${style}</style>
  <rect class="surface" width="${width}" height="${height}" rx="8"/>
  <text x="${margin}" y="32" class="title">arrwDB compared with others, in one run</text>
  <text x="${margin}" y="52" class="muted">${escapeXml(subtitle)}</text>
${[...names, ...bodies, ...footTexts].join("\n")}
</svg>
`;
}

/** What one has to know to read the bars. */
function footnotes(rows: readonly EngineResult[], k: number): readonly string[] {
  const recalls = rows.map(({ name, recall }) => `${name} ${recall.toFixed(3)}`).join(", ");
  const late = rows.filter(({ indexesWhileIngesting }) => !indexesWhileIngesting).map(({ name }) => name);
  const bounds = rows.filter((engine) => roleOf(engine) === " limit").map(({ name }) => name);
  return [
    `recall@${k}: ${recalls}`,
    ...(late.length === 0 ? [] : [`${late.join(", ")}: the index is built after everything is loaded`]),
    ...bounds.map((name) => `${name}: the bare index in process, without server, disk or text`),
  ];
}

function drawPanel({ title, figure, absent }: Panel, rows: readonly EngineResult[], x: number): string {
  const figures = rows.map((engine) => figure(engine));
  const greatest = Math.max(1, ...figures.map((value) => value ?? 0));
  const top = headHeight - 6;
  const bars = rows.map((engine, row) => {
    const value = figures[row];
    const y = headHeight + row * rowHeight + (rowHeight - barHeight) / 2;
    const baseline = y + barHeight / 2 + 4;
    if (value === undefined) return `  <text x="${x + 6}" y="${baseline}" class="muted">${absent}</text>`;
    const length = Math.max(1, ((panelWidth - figureWidth) * value) / greatest);
    return `  <rect x="${x}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" class="bar${roleOf(engine)}"/>
  <text x="${(x + length + 6).toFixed(1)}" y="${baseline}" class="${roleOf(engine).trim()}">${number(value)}</text>`;
  });
  return `  <text x="${x}" y="${headHeight - 16}" class="head">${escapeXml(title)}</text>
  <line x1="${x}" x2="${x}" y1="${top}" y2="${headHeight + rows.length * rowHeight}" class="axis"/>
${bars.join("\n")}`;
}

/** The same in words, for those who do not see it. */
function describe(rows: readonly EngineResult[]): string {
  return panels
    .map(({ title, figure }) => {
      const figures = rows.flatMap((engine) => {
        const value = figure(engine);
        return value === undefined ? [] : [`${engine.name} ${number(value)}`];
      });
      return `${title}: ${figures.join(", ")}`;
    })
    .join(". ");
}
