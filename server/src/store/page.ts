export interface Page<Item> {
  readonly items: readonly Item[];
  /** Cursor of the next page, or null at the end. */
  readonly nextCursor: string | null;
  /** The library's position; 0 for a list of libraries. */
  readonly seq: number;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
