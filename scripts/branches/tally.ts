import type { Tally } from '../../packages/trainer/src/programs/fuzz.proof.ts'
import { countedNetworks } from './networks.ts'
import { shares } from './point.ts'

/** One network of so many runs a second time, with counters: what is compared the first time is what users run. */
const EVERY = 4

/** Which share of each kernel's, and of each compile step's, branches the networks take that a fuzzer tries. */
export async function branchTally(): Promise<Tally> {
  const { points, run } = await countedNetworks()
  let [tried, counted] = [0, 0]
  let together = new Uint8Array()
  return {
    add(network) {
      if (tried++ % EVERY !== 0) return
      const { difference, taken } = run(network)
      if (difference !== null) return
      counted++
      together = taken.map((own, i) => own | together[i])
    },
    lines: () => [`branches that ${counted} of the networks took:`, ...shareLines(shares(points, together))],
  }
}

/** A line for each file. */
export function shareLines(byFile: ReadonlyMap<string, readonly [taken: number, all: number]>): string[] {
  return [...byFile].map(([file, [taken, all]]) => {
    const percent = `${Math.floor((100 * taken) / Math.max(1, all))} %`
    return `${percent.padStart(7)}  ${`${taken} of ${all}`.padEnd(10)}  ${file}`
  })
}
