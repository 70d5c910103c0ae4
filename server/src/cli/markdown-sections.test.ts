import { describe, expect, it } from "vitest";
import { paragraphs, splitSections } from "./markdown-sections.ts";

const page = [
  "# Guide ##",
  "First words,",
  "in two lines.",
  "",
  "## [Tea](tea.md) with `milk`",
  "```js",
  "# no heading",
  "```",
  "Hot water.",
  "~~~~",
  "~~~",
  "## no heading either",
  "~~~~",
  "```inline``` code begins a line.",
  "",
  '<a id="old-name"></a>',
  "",
  "Coffee",
  "------",
  "Beans.",
  "",
  "- an item",
  "---",
  "After a rule.",
];

const sections = [
  { title: "Guide", texts: ["Guide: First words,\nin two lines."] },
  { title: "Guide – Tea with milk", texts: ["Tea with milk: Hot water.\ninline code begins a line."] },
  { title: "Guide – Coffee", texts: ["Coffee: Beans.\n\n- an item\n---\nAfter a rule."] },
];

describe("The sections of a page", () => {
  it.each([
    ["Unix", "\n"],
    ["Windows", "\r\n"],
  ])("begin at its headings, with line ends of %s", (_system, end) => {
    expect(splitSections(page.join(end))).toEqual(sections);
  });

  it("are told by the page's name where it has no heading, and end with code that is not closed", () => {
    const text = "Words.\r\n\r\n````\n```\nleft out\n";
    expect(splitSections(text, "note.md")).toEqual([{ title: "note.md", texts: ["Words."] }]);
  });

  it("have paragraphs with line ends of one kind", () => {
    const long = "x".repeat(200);
    expect(paragraphs(`${long}\r\nand more\r\n\r\nlast`)).toEqual([`${long}\nand more`, "last"]);
  });
});
