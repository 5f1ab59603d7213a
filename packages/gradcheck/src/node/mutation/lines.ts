import { bindCase, equationValues } from '../../check-equations.ts'
import { checkDerivation } from '../../equations/check.ts'
import type { Binding, Derivation } from '../../equations/derivation.ts'
import { type ChangedLine, changedLines } from '../../equations/mutations.ts'
import { ofCase } from '../../prove.ts'
import type { Fixture } from '../../result.ts'
import type { ModuleCase, Spec } from '../../spec.ts'

/** What came of changing the lines of a derivation. */
export interface LinesCatch {
  readonly changed: number
  /** Changes after which the suite named the line. */
  readonly named: number
  readonly survivors: readonly ChangedLine[]
}

/** The values of the cases that equations are evaluated on, the smallest first. */
function bindings(spec: Spec, fixture: Fixture): { derivation: Derivation<never>; all: Binding[] } | null {
  const finite = spec.cases.filter((item) => (item as ModuleCase).noDifferences === undefined)
  const bound = finite.map((item) =>
    bindCase(
      spec,
      item,
      equationValues(ofCase(fixture.inputs, item.name), ofCase(fixture.golden, item.name)),
    ),
  )
  const size = ({ tensors }: Binding): number =>
    Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0)
  const all = bound.flatMap((one) => (one === null ? [] : [one.binding])).sort((a, b) => size(a) - size(b))
  return spec.derivation === null ? null : { derivation: spec.derivation, all }
}

function isNamed(
  derivation: Derivation<never>,
  { id, equation }: ChangedLine,
  all: readonly Binding[],
): boolean {
  const steps = derivation.steps.map((step) => (step.id === id ? { ...step, equation } : step))
  const changed = { ...derivation, steps }
  return all.some((binding) => checkDerivation(changed, binding, id).some(({ problem }) => problem !== null))
}

/** All small changes of a derivation's lines. */
function allChanges(derivation: Derivation<never>): ChangedLine[] {
  return derivation.steps.flatMap((step) => changedLines(step, Object.keys(derivation.indices)))
}

/** How many small changes the lines of a spec's derivation have. */
export function countLines({ derivation }: Spec): number {
  return derivation === null ? 0 : allChanges(derivation).length
}

/** Changes every `every`-th of all small things in the lines of a spec's derivation, one at a time. */
export function huntLines(spec: Spec, fixture: Fixture, every: number): LinesCatch {
  const bound = bindings(spec, fixture)
  if (bound === null) return { changed: 0, named: 0, survivors: [] }
  const { derivation, all } = bound
  const lines = allChanges(derivation).filter((_, i) => i % every === 0)
  const survivors = lines.filter((line) => !isNamed(derivation, line, all))
  return { changed: lines.length, named: lines.length - survivors.length, survivors }
}
