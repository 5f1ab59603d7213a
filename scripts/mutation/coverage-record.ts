import type { Profiler } from 'node:inspector'

/** The name under which stands what ran while a test file was read, and its tests were collected. */
export const AT_LOAD = ''

/** What `coverage-setup.ts` leaves of a test. */
export interface RawRecord {
  readonly test: string
  readonly milliseconds: number
  readonly result: Profiler.ScriptCoverage[]
  /** The folder in which processes and threads that the test started left their counts. */
  readonly others: string | null
}

/** Pieces of a file, as [start, end, start, end …], in their order and apart. */
export type Pieces = readonly number[]

/** The pieces that ran: V8 gives nested ranges, and the innermost one decides. */
export function piecesRun({ functions }: Profiler.ScriptCoverage): number[] {
  const ranges = functions
    .flatMap((one) => one.ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  const pieces: number[] = []
  const open: Profiler.CoverageRange[] = []
  let at = 0
  const upTo = (offset: number): void => {
    if (offset > at && (open.at(-1)?.count ?? 0) > 0) {
      if (pieces.at(-1) === at) pieces[pieces.length - 1] = offset
      else pieces.push(at, offset)
    }
    at = Math.max(at, offset)
  }
  const closeBefore = (offset: number): void => {
    for (let top = open.at(-1); top !== undefined && top.endOffset <= offset; top = open.at(-1)) {
      upTo(top.endOffset)
      open.pop()
    }
  }
  for (const range of ranges) {
    closeBefore(range.startOffset)
    upTo(range.startOffset)
    open.push(range)
  }
  closeBefore(Number.POSITIVE_INFINITY)
  return pieces
}

/** What ran in one of two. */
export function union(a: Pieces, b: Pieces): number[] {
  const pairs: [number, number][] = []
  for (const list of [a, b]) for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]])
  pairs.sort((one, other) => one[0] - other[0])
  const all: number[] = []
  for (const [start, end] of pairs) {
    if (all.length > 0 && start <= all[all.length - 1])
      all[all.length - 1] = Math.max(all[all.length - 1], end)
    else all.push(start, end)
  }
  return all
}

/** Whether the place ran. */
export function ran(pieces: Pieces, offset: number): boolean {
  for (let i = 0; i < pieces.length; i += 2) if (pieces[i] <= offset && offset < pieces[i + 1]) return true
  return false
}
