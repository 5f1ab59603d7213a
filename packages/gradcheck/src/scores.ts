/** How many of the mistakes that nobody chose were noticed in one file. */
export interface FileScore {
  /** From the repository's root. */
  readonly file: string
  readonly caught: number
  /** Those caught and those that survived. */
  readonly mutants: number
  /** Counted apart: what changes nothing, with the reason beside the code; what did not end; what is no program. */
  readonly equivalent: number
  readonly timedOut: number
  readonly noCode: number
  /** How many there are; fewer were drawn, the same share of each operator. */
  readonly all: number
  /** The draw. */
  readonly seed: number
  readonly operators: Readonly<Record<string, { readonly caught: number; readonly mutants: number }>>
  /** On what it was measured: the commit, and the file's SHA-256. */
  readonly commit: string
  readonly digest: string
}

/** A {@link FileScore}, and whether the file is still the one that was measured. */
export interface KnownScore extends FileScore {
  readonly isCurrent: boolean
}

/** `fixtures/mutants.json`. */
export interface ScoreFile {
  readonly format: 1
  readonly files: readonly FileScore[]
}

/** Scores added up, by package or app: the worst first. */
export function scoresByRoom<S extends FileScore>(
  scores: readonly S[],
): { room: string; caught: number; mutants: number; files: S[] }[] {
  const roomOf = ({ file }: S): string => file.split('/').slice(0, 2).join('/')
  return [...new Set(scores.map(roomOf))]
    .map((room) => [room, scores.filter((score) => roomOf(score) === room)] as const)
    .map(([room, files]) => ({
      room,
      ...sumOf(files),
      files: files.toSorted((a, b) => shareOf(a) - shareOf(b)),
    }))
    .sort((a, b) => shareOf(a) - shareOf(b))
}

/** All of some scores. */
export function sumOf(scores: readonly FileScore[]): { caught: number; mutants: number } {
  const sum = (key: 'caught' | 'mutants'): number => scores.reduce((total, score) => total + score[key], 0)
  return { caught: sum('caught'), mutants: sum('mutants') }
}

/** The share that was caught; all of none. */
export const shareOf = ({ caught, mutants }: { caught: number; mutants: number }): number =>
  mutants === 0 ? 1 : caught / mutants
