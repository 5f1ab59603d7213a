import { check, property } from 'fast-check'
import type { NetworkCase } from './case.proof.ts'
import { codeOf } from './code.proof.ts'
import { compareNetwork, type Difference } from './compare.proof.ts'
import { networkOf, networksOf } from './networks.proof.ts'

/** Counts something over all networks that were compared, and says it in the end: kinds of layers, branches taken. */
export interface Tally {
  /** Called for each network when its results were compared. */
  add(network: NetworkCase): void
  /** What is printed in the end. */
  lines(): string[]
}

/** What a run of the fuzzer is told. */
export interface FuzzOptions {
  /** The number of the first network; the next ones follow. */
  readonly seed: number
  /** When to stop: no network begins after that. */
  readonly until: () => boolean
  readonly tallies: readonly Tally[]
  readonly print: (line: string) => void
}

/** How long a failing network may be made smaller. */
const SHRINKING_MS = 120_000

/** What is wrong with a network; what throws is wrong too. */
export function faultOf(network: NetworkCase): Difference | null {
  try {
    return compareNetwork(network)
  } catch (error) {
    return {
      way: 'an error',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
}

/** The smallest network that is found to be wrong from the one of `seed` on. */
export function smallest(seed: number): NetworkCase {
  const { counterexample } = check(
    property(networksOf(seed), (network) => faultOf(network) === null),
    { seed, numRuns: 1, interruptAfterTimeLimit: SHRINKING_MS },
  )
  return counterexample?.[0] ?? networkOf(seed)
}

/** Compares one network after the other. */
export function fuzz({ seed, until, tallies, print }: FuzzOptions): { passed: number; failed: number } {
  let [passed, failed] = [0, 0]
  for (let now = seed; passed + failed === 0 || !until(); now++) {
    const network = networkOf(now)
    if (faultOf(network) === null) passed++
    else {
      failed++
      const small = smallest(now)
      const fault = faultOf(small) ?? faultOf(network)
      print(`network ${now} is wrong; the smallest that is:`)
      print(codeOf(small))
      print(`${fault?.way}: ${fault?.message}`)
    }
    for (const tally of tallies) tally.add(network)
    if ((passed + failed) % 100 === 0) print(`${passed} passed, ${failed} failed`)
  }
  for (const line of tallies.flatMap((tally) => tally.lines())) print(line)
  return { passed, failed }
}
