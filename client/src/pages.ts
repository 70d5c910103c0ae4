/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** All items of a list, page after page; the next page is asked for when its first item is wanted. */
export async function* allItems<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  for (;;) {
    const { items, next } = await read(cursor);
    yield* items;
    if (next === null) return;
    cursor = next;
  }
}
