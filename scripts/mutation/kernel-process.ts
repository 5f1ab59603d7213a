import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import {
  type FoundSpec,
  hunt,
  loadSpec,
  type Mutant,
  specPlaces,
} from '../../packages/gradcheck/src/node/index.ts'
import type { BackendName } from '../../packages/tensor/src/index.ts'
import { changedKernels } from '../mutated-kernels.ts'
import { answerAll } from './asked-process.ts'
import type { KernelAnswer, KernelQuestion } from './judge-kernel.ts'
import { edited } from './syntax.ts'

const root = pathToFileURL(`${process.cwd()}/`)
const specs = await Promise.all(specPlaces(root).map((place) => loadSpec(place, root)))
let count = 0

/** The specs that run a kernel: its own first, then those of its package, and those of tensor's kernels are all. */
function specsFor(file: string): FoundSpec[] {
  const home = file.split('/')[1]
  const near = ({ place }: FoundSpec): number =>
    file.startsWith(`${place.source}/`) ? 0 : place.source.startsWith(`packages/${home}/`) ? 1 : 2
  return specs.filter(({ spec }) => spec.kind !== 'schedule').sort((a, b) => near(a) - near(b))
}

async function huntOn(
  backend: BackendName,
  file: string,
  modules: Record<string, string>,
): Promise<Omit<KernelAnswer & { kind: 'caught' }, 'kind'> | null> {
  const mutant: Mutant = { name: `auto ${count++}`, file, find: '', replace: '', kernel: true }
  for (const { place, spec } of specsFor(file)) {
    const { views, at, message } = await hunt(place, spec, mutant, root, {
      backend,
      modules,
      more: 0,
      goldens: true,
    })
    if (views.length > 0) return { by: `${spec.name} > ${at} (${backend})`, message: message ?? '' }
  }
  return null
}

answerAll(async ({ file, edit }: KernelQuestion): Promise<KernelAnswer> => {
  const source = readFileSync(file, 'utf8')
  // What only one of the two modules is compiled from shows in that one.
  const backends: BackendName[] = source.includes('ASC_FEATURE') ? ['simd', 'simd-plain'] : ['simd']
  for (const backend of backends) {
    let modules: Record<string, string>
    try {
      modules = await changedKernels(file, `auto ${count}`, (text) => edited(text, edit), root, [backend])
    } catch (error) {
      return { kind: 'no code', message: (error as Error).message }
    }
    const found = await huntOn(backend, file, modules)
    if (found !== null) return { kind: 'caught', ...found }
  }
  return { kind: 'survived', by: specs.length, left: [] }
})
