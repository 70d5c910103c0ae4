/** An instant as milliseconds in the table. */
export const expiryColumn = {
  encode: (at: string | null): number | null => (at === null ? null : Date.parse(at)),
  decode: (milliseconds: number | null): string | null =>
    milliseconds === null ? null : new Date(milliseconds).toISOString(),
};
