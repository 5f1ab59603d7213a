import type { Tensor } from '@handgrad/tensor'
import { type Bounds, boundsOfGoldens } from './equations/bounds.ts'
import { checkDerivation, type StepResult } from './equations/check.ts'
import type { Binding, Derivation } from './equations/derivation.ts'
import { cast, type Tensors } from './materialize.ts'
import type { Problem } from './result.ts'
import type { Spec } from './spec.ts'

/** The values that equations are evaluated with: everything stored, and torch's float64 results. */
export function equationValues(stored: Tensors, golden: Tensors): Record<string, Tensor> {
  const inputs = Object.entries(stored).map(([name, value]) => [name, cast(value, 'float64')])
  const results = Object.entries(golden)
    .filter(([name]) => name.startsWith('float64/'))
    .map(([name, value]) => [name.slice('float64/'.length), value])
  return Object.fromEntries([...inputs, ...results]) as Record<string, Tensor>
}

/** A spec's derivation with the values of one of its cases; null where there is nothing to derive. */
export function bindCase(
  spec: Spec,
  item: Spec['cases'][number],
  values: Record<string, Tensor>,
): { derivation: Derivation<never>; binding: Binding } | null {
  const derivation: Derivation | null = spec.derivation
  return derivation === null ? null : { derivation, binding: derivation.bind(item, values) }
}

/** Evaluates every line that applies to the case; lines that are wrong are named. */
export function checkEquations(
  { derivation, binding }: { derivation: Derivation<never>; binding: Binding },
  steps: StepResult[],
): Problem[] {
  steps.push(...checkDerivation(derivation, binding))
  return steps
    .filter(({ problem }) => problem !== null)
    .map(({ id, problem }) => {
      const equation = derivation.steps.find((step) => step.id === id)?.equation
      return { view: 'equations', message: `step '${id}' of the derivation: ${problem}\n    ${equation}` }
    })
}

/** Bounds by golden tensor. */
export type GoldenBounds = ReadonlyMap<string, Bounds & { from: number }>

/** Bounds on rounding errors by golden tensor, from the last line for each; `givenError` is that of stored values. */
export function goldenBounds(
  bound: { derivation: Derivation<never>; binding: Binding } | null,
  givenError?: (value: number) => number,
): GoldenBounds {
  return bound === null ? new Map() : boundsOfGoldens(bound.derivation, bound.binding, givenError)
}
