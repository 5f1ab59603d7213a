import { performance } from 'node:perf_hooks'
import type { BackendName } from '@handgrad/tensor'
import type { GoldenBounds } from '../../check-equations.ts'
import type { Mutant } from '../../mutant.ts'
import { caseBounds } from '../../prove.ts'
import type { Fixture, Problem, View } from '../../result.ts'
import type { Spec } from '../../spec.ts'
import { readFixture } from '../fixtures.ts'
import { importMutated, type Modules, ownPath } from './hooks.ts'

/** How a mutant was caught, or that it was not. */
export interface Catch {
  readonly mutant: string
  readonly spec: string
  readonly backend: BackendName
  /** The views that noticed, in the order in which they did; none where it survived. */
  readonly views: readonly View[]
  /** The case at which it was first noticed, and what was said. */
  readonly at: string | null
  readonly message: string | null
  /** Milliseconds from loading the code with the mistake to the first notice. */
  readonly milliseconds: number
}

/** Where a spec is, from the repository's root: its folder of source and its folder of fixtures. */
export interface SpecPlace {
  readonly source: string
  readonly fixtures: string
}

type Prover = typeof import('./prover.ts')
type Case = Spec['cases'][number]

/** A case at which something was noticed. */
interface Finding {
  readonly at: string
  readonly problems: readonly Problem[]
}

const known = new Map<string, GoldenBounds>()
const fixtures = new Map<string, Fixture>()

function fixtureOf(folder: URL): Fixture {
  const fixture = fixtures.get(folder.href) ?? readFixture(folder)
  fixtures.set(folder.href, fixture)
  return fixture
}

/** The bounds of a case, worked out once and without any mutant. */
function boundsOf(spec: Spec, item: Case, folder: URL): GoldenBounds {
  const key = `${spec.name}/${item.name}`
  let bounds = known.get(key)
  if (bounds === undefined) known.set(key, (bounds = caseBounds(spec, item, fixtureOf(folder))))
  return bounds
}

/** The first finding: golden values are quick to compare, so they are tried on all cases before all views are. */
function firstFinding(
  prover: Prover,
  spec: Spec,
  clean: Spec,
  folder: URL,
  { backend, goldens = false }: HuntOptions,
): Finding | null {
  const on = [backend]
  const fixture = prover.readFixture(folder)
  for (const [i, item] of spec.cases.entries()) {
    const problems = prover.proveGoldens(spec, item, fixture, boundsOf(clean, clean.cases[i], folder), on)
    if (problems.length > 0) return { at: item.name, problems }
  }
  if (goldens) return null
  for (const item of spec.errors) {
    const problems = prover.proveError(spec, item)
    if (problems.length > 0) return { at: item.name, problems }
  }
  for (const item of spec.cases) {
    const { problems } = prover.proveCase(spec, item, fixture, on)
    if (problems.length > 0) return { at: item.name, problems }
  }
  return null
}

/** The views that notice at the case of the first finding and at those after it. */
function viewsOf(
  prover: Prover,
  spec: Spec,
  folder: URL,
  { at, problems }: Finding,
  { more, backend }: HuntOptions,
): View[] {
  const on = [backend]
  const fixture = prover.readFixture(folder)
  const from = spec.cases.findIndex(({ name }) => name === at)
  const cases = from < 0 ? [] : spec.cases.slice(from, from + 1 + more)
  const all = [...problems, ...cases.flatMap((item) => prover.proveCase(spec, item, fixture, on).problems)]
  return [...new Set(all.map(({ view }) => view))]
}

/** How a mutant is hunted. */
export interface HuntOptions {
  /** The backend that is to notice. */
  readonly backend: BackendName
  /** Cases behind the first finding that are proved in every view. */
  readonly more: number
  /** Golden values only: the quickest of all views, and the one that kernels show in. */
  readonly goldens?: boolean
  /** Generated modules that the mutant changes. */
  readonly modules?: Modules
}

/**
 * Injects a mutant and proves the spec's cases until it is caught, and `more` of them in every view to see which notice.
 * @throws Error when the mutant no longer applies.
 */
export async function hunt(
  place: SpecPlace,
  clean: Spec,
  mutant: Mutant,
  root: URL,
  options: HuntOptions,
): Promise<Catch> {
  const { backend, modules } = options
  const started = performance.now()
  const prover = await importMutated<Prover>(ownPath('prover.ts', root), mutant, root, modules)
  const { spec } = await importMutated<{ spec: Spec }>(`${place.source}/spec.ts`, mutant, root, modules)
  const folder = new URL(`${place.fixtures}/`, root)
  const finding = firstFinding(prover, spec, clean, folder, options)
  const milliseconds = performance.now() - started
  const base = { mutant: mutant.name, spec: spec.name, backend, milliseconds }
  if (finding === null) return { ...base, views: [], at: null, message: null }
  const views = viewsOf(prover, spec, folder, finding, options)
  return { ...base, views, at: finding.at, message: finding.problems[0].message }
}
