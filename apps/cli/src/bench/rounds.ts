import type { Contender } from './contenders.ts'
import type { Program } from './program.ts'
import type { RatioRow } from './report.ts'
import { pairUp } from './stats.ts'

/** A contender on a number of threads, ready to run. */
export interface Entrant {
  readonly contender: Contender
  readonly program: Program
  readonly threads: number
  /** Images per second, round after round; those of a peer are one more than there are rounds. */
  readonly speeds: number[]
}

export interface RoundOptions {
  /** Pairs that are to count. */
  readonly pairs: number
  /** Length of one measurement. */
  readonly milliseconds: number
  /** No round is begun after so long when `pairs` rounds have been run. */
  readonly budget: number
}

/** A single step may take longer than it was told to. */
const PATIENCE_MS = 30_000

/** Measures once. */
export async function measure({ program, threads }: Entrant, milliseconds: number): Promise<number> {
  const answer = await program.ask({ run: { threads, milliseconds } }, PATIENCE_MS + milliseconds)
  return answer.images! / answer.seconds!
}

/**
 * Runs all in turn, peers before ours, until every pair of ours and a peer has counted often enough, three times as many
 * rounds have been run, or time is up; one more run of the peers ends the last round.
 */
export async function runRounds(entrants: readonly Entrant[], options: RoundOptions): Promise<void> {
  const { pairs, milliseconds, budget } = options
  const peers = entrants.filter(({ contender }) => !contender.ours)
  const ours = entrants.filter(({ contender }) => contender.ours)
  const until = performance.now() + budget
  for (let round = 0; round < 3 * pairs; round++) {
    const enough = ours.every((own) =>
      peers.every((peer) => pairUp(own.speeds, peer.speeds).counted >= pairs),
    )
    if (round > pairs && (enough || performance.now() > until)) break
    for (const entrant of [...peers, ...ours]) entrant.speeds.push(await measure(entrant, milliseconds))
  }
  for (const peer of peers) peer.speeds.push(await measure(peer, milliseconds))
}

/** Ours over every peer on as many threads, or on one where the peer has no more; and ours over ours. */
export function ratiosOf(entrants: readonly Entrant[]): RatioRow[] {
  const ours = entrants.filter(({ contender }) => contender.ours)
  return ours.flatMap((own) =>
    entrants.filter((other) => comparable(own, other, entrants)).map((other) => ratio(own, other)),
  )
}

function comparable(own: Entrant, other: Entrant, all: readonly Entrant[]): boolean {
  if (other === own) return false
  if (!other.contender.ours) {
    const same = all.filter(({ contender }) => contender.name === other.contender.name)
    const most = Math.max(...same.map(({ threads }) => threads).filter((threads) => threads <= own.threads))
    return other.threads === most
  }
  if (other.contender.name === own.contender.name) return own.threads > 1 && other.threads === 1
  return own.threads === other.threads && all.indexOf(own) > all.indexOf(other)
}

function ratio(own: Entrant, other: Entrant): RatioRow {
  return {
    name: own.contender.name,
    threads: own.threads,
    against: other.contender.name,
    againstThreads: other.threads,
    ...pairUp(own.speeds, other.speeds),
  }
}
