import { type BackendName, backends } from '@handgrad/tensor'
import {
  bindCase,
  checkEquations,
  equationValues,
  type GoldenBounds,
  goldenBounds,
} from './check-equations.ts'
import { checkGoldens } from './check-goldens.ts'
import { checkModule } from './check-module.ts'
import { checkRefusal } from './check-refusal.ts'
import type { StepResult } from './equations/check.ts'
import { caseHash, expectedCase } from './fixture.ts'
import type { Tensors } from './materialize.ts'
import type { Shapes } from './module.ts'
import { onBackend } from './on-backend.ts'
import type { CaseResult, Fixture, Furthest, Measure, Problem, View } from './result.ts'
import type { ModuleCase, Spec } from './spec.ts'

/** The entries of `all` that belong to a case, without its name. */
export function ofCase(all: Tensors, name: string): Tensors {
  const prefix = `${name}/`
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}

const HINT = 'run `pnpm fixtures:export` (README of fixtures/ says how)'

/** Whether the stored case is what the spec says now; what only the module knows is taken from what is stored. */
function stale(spec: Spec, item: Spec['cases'][number], fixture: Fixture, stored: Tensors): string | null {
  const shapes: Shapes = Object.fromEntries(
    Object.entries(stored)
      .filter(([name]) => name.startsWith('param.') || name === 'dy')
      .map(([name, { shape }]) => [name === 'dy' ? 'y' : name, shape]),
  )
  const { entry, tensors } = expectedCase(spec, item, shapes)
  const { hash, ...described } = entry
  const onFile = fixture.file.cases.find((other) => other.name === item.name)
  if (onFile === undefined) return `the case is not in cases.json; ${HINT}`
  if (
    onFile.hash !== hash ||
    caseHash(described, stored) !== hash ||
    (Object.keys(tensors).length === 0 && spec.kind !== 'schedule')
  ) {
    return `the stored case is stale (hash ${onFile.hash}, the spec now says ${hash}); ${HINT}`
  }
  const golden = fixture.goldenHashes[item.name]
  return golden === hash
    ? null
    : `the golden values are of other inputs (hash ${golden}, now ${hash}); ${HINT}`
}

/** Checks one case in every way there is, on every backend unless told; an exception is a problem as well. */
export function proveCase(
  spec: Spec,
  item: Spec['cases'][number],
  fixture: Fixture,
  on: readonly BackendName[] = backends(),
): CaseResult {
  const stored = ofCase(fixture.inputs, item.name)
  const golden = ofCase(fixture.golden, item.name)
  const problems: Problem[] = []
  const found = {
    measures: [] as Measure[],
    onKernels: [] as BackendName[],
    steps: [] as StepResult[],
    coordinates: 0,
    skipped: 0,
    furthest: null as Furthest | null,
  }
  const attempt = (view: View, check: () => readonly Problem[]): void => {
    try {
      problems.push(...check())
    } catch (error) {
      problems.push({ view, message: `threw ${(error as Error).stack}` })
    }
  }
  attempt('fixture', () => {
    const message = stale(spec, item, fixture, stored)
    return message === null ? [] : [{ view: 'fixture', message }]
  })
  if (problems.length > 0) return { name: item.name, problems, ...found }
  let bounds: GoldenBounds = new Map()
  attempt('equations', () => {
    const bound = bindCase(spec, item, equationValues(stored, golden))
    const finite = spec.kind !== 'module' || (item as ModuleCase).noDifferences === undefined
    const wrong = bound !== null && finite ? checkEquations(bound, found.steps) : []
    try {
      bounds = goldenBounds(bound)
    } catch (error) {
      // A line that cannot be evaluated has no bounds either: it is named already.
      if (wrong.length === 0) throw error
    }
    return wrong
  })
  attempt('golden', () => checkGoldens(spec, item, { stored, golden, bounds }, on, found))
  if (spec.kind === 'module') {
    attempt('differences', () => checkModule(spec, item as ModuleCase, stored, on, found))
  }
  return { name: item.name, problems, ...found }
}

/** Bounds on the rounding errors of a case's golden tensors. */
export function caseBounds(spec: Spec, item: Spec['cases'][number], fixture: Fixture): GoldenBounds {
  const values = equationValues(ofCase(fixture.inputs, item.name), ofCase(fixture.golden, item.name))
  return goldenBounds(bindCase(spec, item, values))
}

/** Checks one case against its golden values alone, on some backends and within bounds that are known. */
export function proveGoldens(
  spec: Spec,
  item: Spec['cases'][number],
  fixture: Fixture,
  bounds: GoldenBounds,
  on: readonly BackendName[],
): readonly Problem[] {
  const [stored, golden] = [ofCase(fixture.inputs, item.name), ofCase(fixture.golden, item.name)]
  try {
    return checkGoldens(spec, item, { stored, golden, bounds }, on, { measures: [], onKernels: [] })
  } catch (error) {
    return [{ view: 'golden', message: `threw ${(error as Error).message}` }]
  }
}

/** Checks that an error case is refused with its message, on every backend. */
export function proveError(spec: Spec, item: Spec['errors'][number]): readonly Problem[] {
  return backends().flatMap((backend): Problem[] => {
    const message = onBackend(backend, () => checkRefusal(spec, item)).value
    return message === null ? [] : [{ view: 'error', message: `on ${backend}: ${message}` }]
  })
}

/** Checks what concerns a spec as a whole: unique names, and as many cases on file as in the spec. */
export function proveSpec(spec: Spec, fixture: Fixture): readonly Problem[] {
  const names = [...spec.cases, ...spec.errors].map(({ name }) => name)
  const twice = names.filter((name, i) => names.indexOf(name) < i)
  const extra = fixture.file.cases.filter(({ name }) => !names.includes(name)).map(({ name }) => name)
  const problems: Problem[] = []
  if (twice.length > 0)
    problems.push({ view: 'fixture', message: `case names occur twice: ${twice.join(', ')}` })
  if (extra.length > 0) {
    problems.push({
      view: 'fixture',
      message: `cases.json has cases that the spec has not: ${extra.join(', ')}; ${HINT}`,
    })
  }
  if (spec.cases.length === 0) problems.push({ view: 'vacuity', message: 'the spec has no case' })
  if (spec.derivation === null && spec.kind !== 'schedule')
    problems.push({ view: 'equations', message: 'the spec has no derivation' })
  return problems
}
