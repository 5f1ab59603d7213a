import { checkGenerator, describeValue, formatShape, isFloat, type Pair, pair } from '@handgrad/tensor'
import type { ParameterOptions } from './init.ts'

/**
 * Refuses an argument that is not a whole number of at least `least`.
 * @internal
 */
export function checkWhole(layer: string, argument: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new RangeError(
      `${layer}: ${argument} is ${describeValue(value)}, expected a whole number ≥ ${least}`,
    )
  }
}

/**
 * Refuses a number or pair that is not of whole numbers of at least `least`.
 * @internal
 */
export function checkPair(layer: string, argument: string, value: Pair, least: number): [number, number] {
  const members = typeof value === 'number' ? [value, value] : value
  if (!Array.isArray(members) || members.length !== 2) {
    const came = Array.isArray(value) ? String(value) : describeValue(value)
    throw new RangeError(`${layer}: ${argument} is ${came}, expected a number or a pair of numbers`)
  }
  for (const member of members) checkWhole(layer, argument, member, least)
  return pair(value)
}

/**
 * Refuses a number that is not whole and of at least `least`; as in torch it may stand alone in an array.
 * @internal
 */
export function checkSingle(
  layer: string,
  argument: string,
  value: number | readonly [number],
  least: number,
): number {
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (Array.isArray(single))
    throw new RangeError(`${layer}: ${argument} is ${String(single) || 'an empty array'}, expected a number`)
  checkWhole(layer, argument, single, least)
  return single as number
}

/**
 * Refuses the channels of a convolution that are not whole, or that its groups do not divide.
 * @internal
 */
export function checkChannels(layer: string, inChannels: number, outChannels: number, groups: number): void {
  checkWhole(layer, 'inChannels', inChannels, 1)
  checkWhole(layer, 'outChannels', outChannels, 1)
  checkWhole(layer, 'groups', groups, 1)
  if (inChannels % groups === 0 && outChannels % groups === 0) return
  throw new RangeError(
    `${layer}: groups is ${groups}, expected a divisor of inChannels ${inChannels} and outChannels ${outChannels}`,
  )
}

/**
 * Refuses a dtype that no parameter can have, and a generator that is none.
 * @internal
 */
export function checkParameterOptions(layer: string, { dtype, generator }: ParameterOptions): void {
  if (dtype !== undefined && !isFloat(dtype)) {
    throw new TypeError(`${layer}: dtype is ${describeValue(dtype)}, expected 'float32' or 'float64'`)
  }
  if (generator !== undefined) checkGenerator(layer, generator)
}

/**
 * The N, C, H, W of an image batch, or of one image without its batch axis.
 * @internal
 * @throws RangeError for another rank, or an extent of 0 anywhere but in the batch.
 */
export function imageShape(
  layer: string,
  shape: readonly number[],
): [N: number, C: number, H: number, W: number] {
  if (shape.length !== 3 && shape.length !== 4) {
    throw new RangeError(
      `${layer}: input has rank ${shape.length}, expected [N,C,H,W] or [C,H,W] (input shape ${formatShape(shape)})`,
    )
  }
  const [N, C, H, W] = shape.length === 4 ? shape : [1, ...shape]
  if (C === 0 || H === 0 || W === 0) {
    throw new RangeError(
      `${layer}: input has an empty axis besides the batch (input shape ${formatShape(shape)})`,
    )
  }
  return [N, C, H, W]
}

/**
 * The N, C, L of a batch of lines, or of one line without its batch axis.
 * @internal
 * @throws RangeError for another rank, or an extent of 0 anywhere but in the batch.
 */
export function lineShape(layer: string, shape: readonly number[]): [N: number, C: number, L: number] {
  if (shape.length !== 2 && shape.length !== 3) {
    throw new RangeError(
      `${layer}: input has rank ${shape.length}, expected [N,C,L] or [C,L] (input shape ${formatShape(shape)})`,
    )
  }
  const [N, C, L] = shape.length === 3 ? shape : [1, ...shape]
  if (C === 0 || L === 0) {
    throw new RangeError(
      `${layer}: input has an empty axis besides the batch (input shape ${formatShape(shape)})`,
    )
  }
  return [N, C, L]
}

/**
 * The shape of an output image: as many axes as the input had.
 * @internal
 */
export function imageLike(shape: readonly number[], N: number, C: number, Ho: number, Wo: number): number[] {
  return shape.length === 4 ? [N, C, Ho, Wo] : [C, Ho, Wo]
}

/**
 * Runs `resolve` and puts the layer's name and the input's shape around its error.
 * @internal
 */
export function inLayer<T>(layer: string, shape: readonly number[], resolve: () => T): T {
  try {
    return resolve()
  } catch (error) {
    throw new RangeError(`${layer}: ${(error as Error).message} (input shape ${formatShape(shape)})`, {
      cause: error,
    })
  }
}

/**
 * The error of a shape, or, where it is right with an axis more, one that says so.
 * @internal
 */
export function missingAxis(
  first: string,
  shape: readonly number[],
  error: Error,
  through: (shape: readonly number[]) => number[],
): Error {
  const fits = (candidate: readonly number[]): boolean => {
    try {
      return through(candidate).length > 0
    } catch {
      return false
    }
  }
  const candidates = [
    ['its batch axis', [1, ...shape]],
    ['its batch and channel axes', [1, 1, ...shape]],
    ['its channel axis', [...shape.slice(0, 1), 1, ...shape.slice(1)]],
  ] as const
  const found = error.message.includes('lacks its') ? undefined : candidates.find(([, other]) => fits(other))
  if (found === undefined) return error
  const [axis, right] = found
  return new RangeError(
    `${first}: input ${formatShape(shape)} lacks ${axis}; reshape it to ${formatShape(right)} (${error.message})`,
    { cause: error },
  )
}
