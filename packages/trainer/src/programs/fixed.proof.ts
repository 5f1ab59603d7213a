import fixed from './fixed.json' with { type: 'json' }

/** The seeds of the networks that every run of the tests compares, chosen for the branches that they take. */
export const fixedSeeds: readonly number[] = fixed.seeds

/** Those of networks of lines. */
export const fixedLines: readonly number[] = fixed.lines
