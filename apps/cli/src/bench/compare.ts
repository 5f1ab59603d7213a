import { type Contender, Running } from './contender.ts'
import type { Peer } from './contenders.ts'

/** A pair counts where the peer, measured before and after ours, agrees with itself to this share. */
const STEADY = 0.1

/** Ours against one peer. */
export interface Comparison {
  readonly peer: string
  /** Images per second: medians with the lowest and highest. */
  readonly ours: Range
  readonly theirs: Range
  /** Ours over theirs, over the pairs that count. */
  readonly ratio: Range
  /** Pairs that count, of those that were run. */
  readonly counted: number
  readonly run: number
}

export interface Range {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, low: sorted[0], high: sorted.at(-1)! }
}

/** The fastest process of a peer, the others stopped. @throws Error when none comes up. */
async function fastest({ processes }: Peer, milliseconds: number): Promise<Running> {
  let best: { running: Running; speed: number } | null = null
  let failure: unknown = null
  for (const contender of processes) {
    try {
      const running = await Running.start(contender)
      await running.measure(milliseconds)
      const speed = await running.measure(milliseconds)
      if (best !== null && best.speed >= speed) running.stop()
      else {
        best?.running.stop()
        best = { running, speed }
      }
    } catch (error) {
      failure = error
    }
  }
  if (best === null) throw failure
  return best.running
}

/** Runs ours and a peer in turn until `pairs` pairs count, or three times as many have run. */
export async function compare(
  own: Contender,
  peer: Peer,
  { pairs, milliseconds }: { pairs: number; milliseconds: number },
): Promise<Comparison> {
  const theirs = await fastest(peer, milliseconds)
  const ours = await Running.start(own).catch((error: unknown) => {
    theirs.stop()
    throw error
  })
  try {
    const seen = { ours: [] as number[], theirs: [] as number[], ratios: [] as number[] }
    let run = 0
    let before = await theirs.measure(milliseconds)
    while (seen.ratios.length < pairs && run < 3 * pairs) {
      const speed = await ours.measure(milliseconds)
      const after = await theirs.measure(milliseconds)
      const mean = (before + after) / 2
      run++
      if (Math.abs(before - after) / mean < STEADY) {
        seen.ours.push(speed)
        seen.theirs.push(mean)
        seen.ratios.push(speed / mean)
      }
      before = after
    }
    if (seen.ratios.length === 0) throw new Error(`none of ${run} pairs was steady: the machine is busy`)
    return {
      peer: theirs.name,
      ours: rangeOf(seen.ours),
      theirs: rangeOf(seen.theirs),
      ratio: rangeOf(seen.ratios),
      counted: seen.ratios.length,
      run,
    }
  } finally {
    theirs.stop()
    ours.stop()
  }
}

/** Two of ours in turn: backends, threads. */
export async function compareOwn(
  first: Contender,
  second: Contender,
  options: { pairs: number; milliseconds: number },
): Promise<Comparison> {
  return compare(first, { name: second.name, processes: [second] }, options)
}
