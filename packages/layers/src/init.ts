import { defaultGenerator, type FloatDType, type Generator, Tensor, zeros } from '@handgrad/tensor'

/** What every layer with parameters takes besides its sizes. */
export interface ParameterOptions {
  /** The element type of the parameters, and so of the input; float32 unless told. */
  dtype?: FloatDType
  /** Where the initial values are drawn from; the default generator unless told. */
  generator?: Generator
}

/**
 * A parameter of `shape` with each element uniform in ±`bound`.
 * @internal
 */
function uniform(
  shape: readonly number[],
  bound: number,
  { dtype = 'float32', generator = defaultGenerator }: ParameterOptions,
): Tensor {
  const parameter: Tensor = zeros(shape, { dtype })
  generator.uniform(parameter.data, -bound, bound)
  return parameter
}

/**
 * The initial weight of a convolution or linear layer: `kaiming_uniform_(a = √5)`.
 *
 * Source: He et al. (2015) with torch's gain; it comes to ±1/√fanIn, computed in torch's order of operations.
 * @internal
 */
export function initialWeight(shape: readonly number[], fanIn: number, options: ParameterOptions): Tensor {
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2))
  const std = gain / Math.sqrt(fanIn)
  return uniform(shape, Math.sqrt(3) * std, options)
}

/**
 * The initial bias: uniform in ±1/√fanIn.
 * @internal
 */
export function initialBias(length: number, fanIn: number, options: ParameterOptions): Tensor {
  return uniform([length], fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0, options)
}
