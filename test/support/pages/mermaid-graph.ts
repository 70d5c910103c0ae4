/** A part of the code as the diagram shows it. */
export interface Chapter {
  readonly id: string;
  /** The id of the box that it stands in; empty if in none. */
  readonly box: string;
  /** Its label's lines: a folder (`core/`), the files of a folder (`store/*.ts`), or one file. */
  readonly places: readonly string[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly chapters: readonly Chapter[];
  readonly arrows: readonly Arrow[];
}

const opening = /^subgraph (?<id>\w+)\["(?<label>[^"]*)"\]$/;
const node = /^(?<id>\w+)\["(?<label>[^"]*)"\]$/;
const link = /^(?<from>\w+(?: & \w+)*) --> (?<to>\w+(?: & \w+)*)$/;

/**
 * Reads a flowchart of one statement a line: boxes, chapters and arrows. Places are relative to the label of their box,
 * where that is a folder.
 *
 * @throws Error for a line that is none of these
 */
export function parseFlowchart(text: string): Graph {
  const chapters: Chapter[] = [];
  const arrows: Arrow[] = [];
  let box = { id: "", folder: "" };
  for (const line of text.split("\n").map((part) => part.trim())) {
    const opened = opening.exec(line)?.groups;
    const named = node.exec(line)?.groups;
    const linked = link.exec(line)?.groups;
    if (opened !== undefined) box = { id: opened["id"] ?? "", folder: folderOf(opened["label"] ?? "") };
    else if (line === "end") box = { id: "", folder: "" };
    else if (named !== undefined) {
      const places = (named["label"] ?? "").split("<br/>").map((place) => box.folder + place);
      chapters.push({ id: named["id"] ?? "", box: box.id, places });
    } else if (linked !== undefined) {
      for (const from of (linked["from"] ?? "").split(" & "))
        for (const to of (linked["to"] ?? "").split(" & ")) arrows.push({ from, to });
    } else if (line !== "" && !line.startsWith("flowchart "))
      throw new Error(`The diagram has a line that is unknown: ${line}`);
  }
  return { chapters, arrows };
}

const folderOf = (label: string) => (label.endsWith("/") ? label : "");

/** The chapter of a file: that which names it, or else the longest folder that it is in. */
export function chapterOf(path: string, { chapters }: Graph): Chapter | undefined {
  const matches = chapters.flatMap((chapter) => {
    const lengths = chapter.places.filter((place) => covers(place, path)).map((place) => place.length);
    return lengths.length === 0 ? [] : [{ chapter, length: Math.max(...lengths) }];
  });
  return matches.toSorted((a, b) => b.length - a.length)[0]?.chapter;
}

function covers(place: string, path: string): boolean {
  if (place.endsWith("/")) return path.startsWith(place);
  if (!place.endsWith("*.ts")) return path === place;
  const folder = place.slice(0, -"*.ts".length);
  return path.startsWith(folder) && !path.slice(folder.length).includes("/");
}
