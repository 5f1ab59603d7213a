import type { Confusion } from '@handgrad/trainer'

/** A class, and another one that its images were taken for. */
export interface Confused {
  readonly truth: string
  readonly takenFor: string
  /** How many of them. */
  readonly images: number
}

/** The `most` pairs of classes that were confused most often, the most frequent first; of equals the one of the lower class. */
export function mostConfused(confusion: Confusion, names: readonly string[], most = 3): Confused[] {
  const pairs = names.flatMap((truth, i) =>
    names.flatMap((takenFor, j) => (i === j ? [] : [{ truth, takenFor, images: confusion.at(i, j) }])),
  )
  return pairs
    .filter(({ images }) => images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, most)
}
