/** The ids of a page's headings, as GitHub generates them, so that links to them work in both places. */
export class Slugger {
  readonly #given = new Map<string, number>();

  slug(heading: string): string {
    const plain = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation}\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = this.#given.get(plain);
    this.#given.set(plain, (count ?? 0) + 1);
    if (count === undefined) return plain;
    const numbered = `${plain}-${count}`;
    this.#given.set(numbered, 1);
    return numbered;
  }
}
