import type { Binding, Derivation } from './derivation.ts'
import { boundedElements, definitionOf, type Model, modelOf } from './model.ts'

/** What the equations say of each element of a golden tensor. */
export interface Bounds {
  /** Roundings: an error of at most `errors` · u is what any order of evaluation may leave. */
  readonly errors: Float64Array
  /** The largest sum of the magnitudes of an element's terms. */
  readonly size: number
}

/** The index of element `flat` of a tensor of `shape`. */
function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length)
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]
    rest = Math.floor(rest / shape[axis])
  }
  return index
}

/** Golden tensors by name: the symbol whose last line gives their bounds, and where in its tensor they start. */
function places(
  derivation: Derivation<never>,
  binding: Binding,
): Map<string, { symbol: string; from: number }> {
  const own = Object.entries(derivation.golden).map(([symbol, name]) => [name, { symbol, from: 0 }] as const)
  return new Map([...own, ...Object.entries(binding.golden ?? {})])
}

function boundsOf(
  model: Model,
  element: (index: readonly number[]) => { size: number; error: number },
  symbol: string,
): Bounds {
  const { shape, data } = model.binding.tensors[symbol]
  let size = 0
  const errors = Float64Array.from({ length: data.length }, (_, flat) => {
    const bounded = element(unravel(flat, shape))
    if (Number.isFinite(bounded.size)) size = Math.max(size, bounded.size)
    return bounded.error
  })
  return { errors, size }
}

/** The bounds on every golden tensor that the derivation speaks of; what is given has no error, or what `givenError` says. */
export function boundsOfGoldens(
  derivation: Derivation<never>,
  binding: Binding,
  givenError?: (value: number) => number,
): Map<string, Bounds & { from: number }> {
  const model = modelOf(derivation, binding)
  const bySymbol = new Map<string, Bounds>()
  const all = new Map<string, Bounds & { from: number }>()
  for (const [name, { symbol, from }] of places(derivation, binding)) {
    if (!Object.hasOwn(binding.tensors, symbol)) continue
    const step = definitionOf(model, symbol, 'last')
    if (step === undefined) throw new Error(`no line of the derivation defines ${symbol} element by element`)
    const known = bySymbol.get(symbol) ?? boundsOf(model, boundedElements(model, step, givenError), symbol)
    bySymbol.set(symbol, known)
    all.set(name, { ...known, from })
  }
  return all
}
