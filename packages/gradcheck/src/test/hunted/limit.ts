/** As if generated: a mutant may come with another text for this file. */
export const limit: number = 1
