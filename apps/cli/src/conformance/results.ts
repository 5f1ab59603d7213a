import type { Cell } from './compare.ts'
import type { Question } from './question.ts'
import type { Reference } from './reference.ts'

/** Raised when the meaning of anything in {@link Results} changes. */
export const RESULTS_SCHEMA = 1

/** How a library did on the golden cases of a folder. */
export interface FolderScore {
  readonly right: number
  readonly wrong: number
  readonly notOffered: number
  readonly errors: number
  /** The cases that came out otherwise, and what is furthest off in each. */
  readonly differences: Readonly<Record<string, string>>
  /** What the library said, and in how many cases. */
  readonly said: Readonly<Record<string, number>>
}

/** A column of the table. */
export interface Column {
  readonly version: string
  /** The day on which what it says was first seen. */
  readonly date: string
  readonly cells: Readonly<Record<string, Cell>>
  readonly cases: Readonly<Record<string, FolderScore>>
}

/** A row of the table. */
export interface Row {
  readonly id: string
  readonly group: string
  readonly title: string
  readonly question: Question
  readonly reference: Reference
}

/** `bench/conformance/results.json`: written by `pnpm conformance --save`, shown by the site. */
export interface Results {
  readonly schema: number
  readonly rows: readonly Row[]
  readonly libraries: Readonly<Record<string, Column>>
}
