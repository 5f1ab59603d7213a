import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import {
  type FoundSpec,
  hunt,
  importMutated,
  loadSpec,
  type Mutant,
  specPlaces,
} from '../../packages/gradcheck/src/node/index.ts'
import type { BackendName } from '../../packages/tensor/src/index.ts'
import { type Expected, expectedOf } from '../../packages/trainer/src/programs/expected.proof.ts'
import { fixedSeeds } from '../../packages/trainer/src/programs/fixed.proof.ts'
import { networkOf } from '../../packages/trainer/src/programs/networks.proof.ts'
import { changedKernels } from '../mutated-kernels.ts'
import { answerAll } from './asked-process.ts'
import type { KernelAnswer, KernelQuestion } from './judge-kernel.ts'
import { edited } from './syntax.ts'

type Comparing = typeof import('../../packages/trainer/src/programs/compare.proof.ts')
type Graphs = typeof import('../../packages/layers/src/test/compare-graph.ts')
type Kernels = Exclude<BackendName, 'reference'>
type Caught = Omit<Extract<KernelAnswer, { kind: 'caught' }>, 'kind'>

const COMPARING = 'packages/trainer/src/programs/compare.proof.ts'
const GRAPHS = 'packages/layers/src/test/compare-graph.ts'
/** So many of the graphs that `pnpm test` compares. */
const MANY_GRAPHS = 40
const root = pathToFileURL(`${process.cwd()}/`)
const specs = await Promise.all(specPlaces(root).map((place) => loadSpec(place, root)))
const known = new Map<number, Expected>()
let count = 0

/** What a network should come to: it has no part in any mistake, so it is worked out once. */
function expected(seed: number): Expected {
  const found = known.get(seed) ?? expectedOf(networkOf(seed))
  known.set(seed, found)
  return found
}

/** The specs that run a kernel: that of its folder; of tensor's kernels all, and all of the package where there is none. */
function specsFor(file: string): FoundSpec[] {
  const own = specs.filter(({ place }) => file.startsWith(`${place.source}/`))
  if (own.length > 0) return own
  const home = file.split('/')[1]
  return specs.filter(({ place }) => home === 'tensor' || place.source.startsWith(`packages/${home}/`))
}

/** Proves specs on a backend, by their golden values or by all views, until one notices. */
async function provenOn(
  backend: Kernels,
  mutant: Mutant,
  modules: Record<string, string>,
  goldens: boolean,
): Promise<Caught | null> {
  for (const { place, spec } of specsFor(mutant.file)) {
    if (spec.kind === 'schedule') continue
    const { views, at, message } = await hunt(place, spec, mutant, root, {
      backend,
      modules,
      more: 0,
      goldens,
    })
    if (views.length > 0) return { by: `${spec.name}: ${at} on ${backend}`, message: message ?? '' }
  }
  return null
}

/** Runs graphs of layers, which alone have sums of two values, until one comes out otherwise. */
async function graphed(mutant: Mutant, modules: Record<string, string>): Promise<Caught | null> {
  const { compareGraph, graphWays } = await importMutated<Graphs>(GRAPHS, mutant, root, modules)
  for (let seed = 0; seed < MANY_GRAPHS; seed++) {
    for (const way of graphWays) {
      const message = compareGraph(seed, way, [1])
      if (message !== null) return { by: `graph ${seed}, ${way}`, message }
    }
  }
  return null
}

/** Runs the fixed networks on a backend, until one comes out otherwise. */
async function comparedOn(
  backend: Kernels,
  mutant: Mutant,
  modules: Record<string, string>,
): Promise<Caught | null> {
  const { compareNetwork } = await importMutated<Comparing>(COMPARING, mutant, root, modules)
  for (const seed of fixedSeeds) {
    const options = { expected: expected(seed), backends: [backend], threads: [1] }
    const difference = compareNetwork(networkOf(seed), options)
    if (difference !== null) return { by: `network ${seed}, ${difference.way}`, message: difference.message }
  }
  return null
}

async function noticedOn(
  backend: Kernels,
  mutant: Mutant,
  modules: Record<string, string>,
): Promise<Caught | null> {
  try {
    return (
      (await provenOn(backend, mutant, modules, true)) ??
      (await graphed(mutant, modules)) ??
      (await comparedOn(backend, mutant, modules)) ??
      (await provenOn(backend, mutant, modules, false))
    )
  } catch (error) {
    // What a test meets as an exception fails it: a trap, for one.
    return { by: backend, message: `threw ${(error as Error).message}` }
  }
}

answerAll(async ({ file, edit }: KernelQuestion): Promise<KernelAnswer> => {
  const source = readFileSync(file, 'utf8')
  // What only one of the two modules is compiled from shows in that one.
  const backends: Kernels[] = source.includes('ASC_FEATURE') ? ['simd', 'simd-plain'] : ['simd']
  for (const backend of backends) {
    const mutant: Mutant = { name: `auto ${count++}`, file, find: '', replace: '', kernel: true }
    let modules: Record<string, string>
    try {
      modules = await changedKernels(file, mutant.name, (text) => edited(text, edit), root, [backend])
    } catch (error) {
      return { kind: 'no code', message: (error as Error).message }
    }
    const found = await noticedOn(backend, mutant, modules)
    if (found !== null) return { kind: 'caught', ...found }
  }
  return { kind: 'survived', by: specsFor(file).length, left: [] }
})
