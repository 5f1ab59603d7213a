import type { NetworkCase } from '../../packages/trainer/src/programs/case.proof.ts'
import { countedBuild } from './build.ts'
import { counting, type Point } from './point.ts'

/** What a network came to on the build with counters. */
export interface CountedRun {
  /** In words; null where all results were right: only then counts what it took. */
  readonly difference: string | null
  /** What it took: without gradients of its input that are sure, only what is taken where numbers are not finite. */
  readonly taken: Uint8Array
}

/** Networks on the build with counters. */
export interface CountedNetworks {
  readonly points: readonly Point[]
  /** Compares a network in every way, on one thread. */
  readonly run: (network: NetworkCase) => CountedRun
  /** Compares a graph of layers by its seed, in every way. */
  readonly runGraph: (seed: number) => CountedRun
}

/** The build with counters, ready for networks. */
export async function countedNetworks(): Promise<CountedNetworks> {
  const { points, load, taken: counted } = await countedBuild()
  const { compareNetwork } = await load<Compare>('packages/trainer/src/programs/compare.proof.ts')
  const { expectedOf, testsInput } = await load<Expectations>(
    'packages/trainer/src/programs/expected.proof.ts',
  )
  const run = (network: NetworkCase): CountedRun => {
    const expected = expectedOf(network)
    const { result, taken } = counted(() => {
      try {
        return compareNetwork(network, { expected, threads: [1] })
      } catch (error) {
        return { way: 'it throws', message: String(error) }
      }
    })
    const difference = result === null ? null : `${result.way}: ${result.message}`
    return { difference, taken: counting(points, taken, testsInput(expected)) }
  }
  const { compareGraph, graphWays } = await load<Graphs>('packages/layers/src/test/compare-graph.ts')
  const runGraph = (seed: number): CountedRun => {
    const { result, taken } = counted(() => {
      try {
        return graphWays.map((way) => compareGraph(seed, way, [1])).find((found) => found !== null) ?? null
      } catch (error) {
        return `it throws: ${String(error)}`
      }
    })
    return { difference: result, taken }
  }
  return { points, run, runGraph }
}

type Compare = typeof import('../../packages/trainer/src/programs/compare.proof.ts')
type Expectations = typeof import('../../packages/trainer/src/programs/expected.proof.ts')
type Graphs = typeof import('../../packages/layers/src/test/compare-graph.ts')
