/** What happened, in order; the test reads it from the first page's data. */
export const journal: string[] = [];
