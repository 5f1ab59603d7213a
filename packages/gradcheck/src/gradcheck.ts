import {
  type DType,
  defaultGenerator,
  type FloatArray,
  Generator,
  isFloat,
  type Tensor,
  tensor,
} from '@handgrad/tensor'
import { unravel } from './compare.ts'
import { type DifferenceOptions, differences, isClose } from './differences.ts'
import { fill } from './fill.ts'
import type { Checkable } from './spec.ts'

/** How {@link gradcheck} checks. */
export interface GradcheckOptions extends DifferenceOptions {
  /** The gradient of the output; random from `seed` unless given. Ones hide mistakes. */
  readonly upstream?: Tensor
  /** Seeds the upstream gradient; 0. */
  readonly seed?: number
  /** The largest share of coordinates that may be skipped as kinks before the check fails; 0.25. */
  readonly maxSkipped?: number
}

/** One coordinate of a gradient, both ways. */
export interface Coordinate {
  readonly index: readonly number[]
  /** From `bwd()`. */
  readonly analytic: number
  /** From finite differences. */
  readonly numeric: number
}

/** What was found for one input or parameter. */
export interface GradcheckTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly coordinates: number
  readonly skipped: number
  readonly failed: number
  /** The checked coordinate with the largest |analytic − numeric|; null when none was checked. */
  readonly worst: Coordinate | null
}

/** What {@link gradcheck} found. */
export interface GradcheckReport {
  readonly passed: boolean
  readonly coordinates: number
  readonly skipped: number
  readonly failed: number
  readonly tensors: readonly GradcheckTensor[]
  /** Why it did not pass, one line a reason. */
  readonly problems: readonly string[]
}

function checkInputs(inputs: readonly Tensor<DType>[], parameters: Record<string, Tensor>): void {
  for (const [name, x] of [
    ...inputs.map((x, i) => [`input ${i}`, x] as const),
    ...Object.entries(parameters),
  ]) {
    if (x.dtype === 'float32') {
      throw new TypeError(`gradcheck: ${name} is float32; differences need float64 (dtype: 'float64')`)
    }
  }
}

function judge(name: string, x: Tensor, f: () => number, options: GradcheckOptions): GradcheckTensor {
  const analytic = x.g!.data
  const { numeric, kink } = differences(f, x.data, options)
  let [skipped, failed, gap] = [0, 0, -1]
  let worst: Coordinate | null = null
  for (let i = 0; i < numeric.length; i++) {
    if (kink[i] === 1) {
      skipped++
      continue
    }
    if (!isClose(analytic[i], numeric[i], options)) failed++
    const distance = Math.abs(analytic[i] - numeric[i])
    if (distance <= gap) continue
    gap = distance
    worst = { index: unravel(i, x.shape), analytic: analytic[i], numeric: numeric[i] }
  }
  return { name, shape: x.shape, coordinates: numeric.length, skipped, failed, worst }
}

function problemsOf(tensors: readonly GradcheckTensor[], maxSkipped: number): string[] {
  const problems: string[] = []
  for (const { name, failed, worst, coordinates, skipped } of tensors) {
    if (failed > 0 && worst !== null) {
      const at = `worst at [${worst.index}]: bwd() gives ${worst.analytic}, differences give ${worst.numeric}`
      problems.push(`d${name}: ${failed} of ${coordinates - skipped} coordinates are wrong, ${at}`)
    }
    if (skipped > maxSkipped * coordinates) {
      problems.push(
        `d${name}: ${skipped} of ${coordinates} coordinates are kinks, at most ${maxSkipped} of them may be`,
      )
    }
  }
  return problems
}

/**
 * Compares every gradient that `layer.bwd()` gives with central differences in float64, element by element.
 *
 * `input` is a tensor, or several where `forward` takes several (a loss: logits and targets); the first one and all
 * parameters are differentiated. Coordinates with a kink between x−ε and x+ε are counted and skipped. Values are put
 * back as they were, and so are the parameters' gradients and the default generator.
 * @throws TypeError when an input or a parameter is float32.
 */
export function gradcheck(
  layer: Checkable,
  input: Tensor | readonly Tensor<DType>[],
  options: GradcheckOptions = {},
): GradcheckReport {
  const inputs: readonly Tensor<DType>[] = Array.isArray(input) ? input : [input]
  const parameters = Object.fromEntries(layer.namedParameters?.() ?? [])
  checkInputs(inputs, parameters)
  const [x] = inputs as [Tensor]
  if (x === undefined || !isFloat(x.dtype)) throw new TypeError('gradcheck: the first input must be float64')
  const state = defaultGenerator.getState()
  const kept = Object.entries(parameters).map(([, p]) => [p, p.g] as const)
  const forward = (): Tensor => {
    defaultGenerator.setState(state)
    return layer.forward(...inputs)
  }
  for (const p of Object.values(parameters)) p.g = null
  try {
    const y = forward()
    const { upstream = fill({ shape: y.shape, dtype: 'float64' }, new Generator(options.seed ?? 0)) } =
      options
    y.g = tensor(upstream.data, y.shape, { dtype: y.dtype })
    layer.bwd()
    const dy = y.g.data
    const f = (): number => dot(forward().data, dy)
    const tensors = Object.entries({ x, ...parameters }).map(([name, t]) => judge(name, t, f, options))
    return report(tensors, options.maxSkipped ?? 0.25)
  } finally {
    for (const [p, g] of kept) p.g = g
  }
}

function dot(a: FloatArray, b: FloatArray): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function report(tensors: readonly GradcheckTensor[], maxSkipped: number): GradcheckReport {
  const total = (key: 'coordinates' | 'skipped' | 'failed'): number =>
    tensors.reduce((sum, t) => sum + t[key], 0)
  const problems = problemsOf(tensors, maxSkipped)
  return {
    passed: problems.length === 0,
    coordinates: total('coordinates'),
    skipped: total('skipped'),
    failed: total('failed'),
    tensors,
    problems,
  }
}
