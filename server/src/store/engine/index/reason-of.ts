/** The message of an error, for the log. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
