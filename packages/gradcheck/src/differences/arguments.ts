import {
  checkOptions as checkNames,
  checkTensor,
  type DType,
  describeValue,
  formatShape,
  isFloat,
  notATensor,
  type OptionNames,
  sameShape,
  Tensor,
} from '@handgrad/tensor'
import type { Checkable } from '../spec.ts'
import type { GradcheckOptions } from './gradcheck.ts'

const optionNames: OptionNames<GradcheckOptions> = {
  eps: null,
  atol: null,
  rtol: null,
  upstream: null,
  seed: null,
  maxSkipped: null,
}

/** @throws TypeError for what is no option, RangeError for one that makes no sense. */
export function checkOptions(args: ArrayLike<unknown>): void {
  checkNames('gradcheck', optionNames, args, 2)
  const { eps, atol, rtol, maxSkipped, upstream } = (args[2] ?? {}) as GradcheckOptions
  if (upstream !== undefined) checkTensor('gradcheck', 'upstream', upstream)
  if (eps !== undefined && !(eps > 0 && eps < Infinity))
    throw new RangeError(`gradcheck: eps is ${eps}, expected a number above 0`)
  for (const [name, value] of Object.entries({ atol, rtol, maxSkipped })) {
    if (value !== undefined && !(value >= 0))
      throw new RangeError(`gradcheck: ${name} is ${value}, expected a number of at least 0`)
  }
}

function checkLayer(layer: Checkable): void {
  if (typeof layer?.forward === 'function' && typeof layer.bwd === 'function') return
  throw new TypeError(
    `gradcheck: the layer is ${describeValue(layer)}, expected an object with forward() and bwd()`,
  )
}

function checkDouble(name: string, x: Tensor<DType>): void {
  const odd = notATensor(name, x)
  if (odd !== null) throw new TypeError(`gradcheck: ${odd}`)
  if (x.dtype === 'float32') {
    throw new TypeError(`gradcheck: ${name} is float32; differences need float64 (dtype: 'float64')`)
  }
}

/**
 * All that is differentiated, by name: the first input as `x`, and the parameters.
 * @throws TypeError for what cannot be.
 */
export function subjectsOf(layer: Checkable, inputs: readonly Tensor<DType>[]): [name: string, x: Tensor][] {
  checkLayer(layer)
  const parameters = [...(layer.namedParameters?.() ?? [])]
  for (const [i, input] of inputs.entries()) checkDouble(`input ${i}`, input)
  for (const [name, parameter] of parameters) checkDouble(name, parameter)
  const [x] = inputs
  if (x === undefined || !isFloat(x.dtype)) throw new TypeError('gradcheck: the first input must be float64')
  const names = ['x', ...parameters.map(([name]) => name)]
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) {
    throw new TypeError(`gradcheck: two tensors are called '${twice}' ('x' is the first input); rename one`)
  }
  return [['x', x as Tensor], ...parameters.map(([name, p]): [string, Tensor] => [name, p])]
}

/** @throws TypeError for an output that is no float64 tensor, RangeError for an upstream gradient of another shape. */
export function checkOutput(y: Tensor, upstream: Tensor | undefined): void {
  if (!(y instanceof Tensor))
    throw new TypeError(`gradcheck: forward() gave ${describeValue(y)}, expected a Tensor`)
  if (y.dtype !== 'float64') {
    throw new TypeError(`gradcheck: forward() gave ${y.dtype}; differences need float64 all the way`)
  }
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  if (upstream === undefined || sameShape(upstream.shape, y.shape)) return
  const [came, expected] = [formatShape(upstream.shape), formatShape(y.shape)]
  throw new RangeError(`gradcheck: upstream has shape ${came}, expected that of the output, ${expected}`)
}
