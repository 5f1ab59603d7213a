import { performance } from 'node:perf_hooks'
import type { Mutant } from '../../mutant.ts'
import type { Problem, View } from '../../result.ts'
import type { Spec } from '../../spec.ts'
import { importMutated, ownPath } from './hooks.ts'

/** How a mutant was caught, or that it was not. */
export interface Catch {
  readonly mutant: string
  readonly spec: string
  /** The views that noticed, in the order in which they did; none where it survived. */
  readonly views: readonly View[]
  /** The case at which it was first noticed, and what was said. */
  readonly at: string | null
  readonly message: string | null
  /** Milliseconds from the first case to the first notice. */
  readonly milliseconds: number
}

/** Where a spec is, from the repository's root: its folder of source and its folder of fixtures. */
export interface SpecPlace {
  readonly source: string
  readonly fixtures: string
}

/** How long a hunt goes on once a mutant is caught, to see which other views notice. */
export type Patience = { readonly cases: number }

type Prover = typeof import('./prover.ts')

function* findings(
  spec: Spec,
  prover: Prover,
  fixture: ReturnType<Prover['readFixture']>,
): Generator<{ name: string; problems: readonly Problem[] }> {
  const size = (item: Spec['cases'][number]): number => JSON.stringify(item).length
  for (const item of spec.cases.toSorted((a, b) => size(a) - size(b)))
    yield prover.proveCase(spec, item, fixture)
  for (const item of spec.errors) yield { name: item.name, problems: prover.proveError(spec, item) }
}

/**
 * Injects a mutant and proves the spec's cases until it is caught, and `patience.cases` cases more.
 * @throws Error when the mutant no longer applies.
 */
export async function hunt(place: SpecPlace, mutant: Mutant, root: URL, patience: Patience): Promise<Catch> {
  const prover = await importMutated<Prover>(ownPath('prover.ts', root), mutant, root)
  const { spec } = await importMutated<{ spec: Spec }>(`${place.source}/spec.ts`, mutant, root)
  const fixture = prover.readFixture(new URL(`${place.fixtures}/`, root))
  const started = performance.now()
  const views = new Set<View>()
  let first: { at: string; message: string; milliseconds: number } | null = null
  let left = patience.cases
  for (const { name, problems } of findings(spec, prover, fixture)) {
    for (const { view } of problems) views.add(view)
    if (first === null && problems.length > 0) {
      first = { at: name, message: problems[0].message, milliseconds: performance.now() - started }
    }
    if (first !== null && left-- <= 0) break
  }
  const { at = null, message = null, milliseconds = performance.now() - started } = first ?? {}
  return { mutant: mutant.name, spec: spec.name, views: [...views], at, message, milliseconds }
}
