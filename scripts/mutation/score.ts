import type { Judged } from './outcome.ts'

/** How many of each came out. */
export interface Tally {
  readonly caught: number
  readonly survived: number
  readonly equivalent: number
  readonly timedOut: number
  readonly noCode: number
}

export function tally(judged: readonly Judged[]): Tally {
  const count = (kind: Judged['outcome']['kind'], claimed?: boolean): number =>
    judged.filter(
      ({ outcome, reason }) =>
        outcome.kind === kind && (claimed === undefined || (reason !== null) === claimed),
    ).length
  return {
    caught: count('caught'),
    survived: count('survived', false),
    equivalent: count('survived', true),
    timedOut: count('timed out'),
    noCode: count('no code'),
  }
}

/** The last line: those that timed out, changed nothing or are no code are neither caught nor missed. */
export function lastLine(judged: readonly Judged[]): string {
  const { caught, survived, equivalent, timedOut } = tally(judged)
  const all = caught + survived
  const share = Math.floor((100 * caught) / Math.max(1, all))
  return `${caught} of ${all} caught (${share} %), ${equivalent} equivalent, ${timedOut} timed out`
}
