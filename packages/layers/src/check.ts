import { formatShape, type Pair, pair } from '@handgrad/tensor'

/**
 * Refuses an argument that is not a whole number of at least `least`.
 * @internal
 */
export function checkWhole(layer: string, argument: string, value: unknown, least: number): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${layer}: ${argument} is ${String(value)}, expected a whole number ≥ ${least}`)
  }
}

/**
 * Refuses a number or pair that is not of whole numbers of at least `least`.
 * @internal
 */
export function checkPair(layer: string, argument: string, value: Pair, least: number): [number, number] {
  const members = typeof value === 'number' ? [value, value] : value
  if (!Array.isArray(members) || members.length !== 2) {
    throw new RangeError(`${layer}: ${argument} is ${String(value)}, expected a number or a pair of numbers`)
  }
  for (const member of members) checkWhole(layer, argument, member, least)
  return pair(value)
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
