import { allocate, type FloatDType } from './dtype.ts'
import { Generator } from './generator.ts'
import { checkShape, numel } from './shape.ts'
import { Tensor } from './tensor.ts'

/** The generator of every random draw that is not given one; seeded by chance until {@link manualSeed}. */
export const defaultGenerator: Generator = new Generator(crypto.getRandomValues(new BigUint64Array(1))[0])

/** Starts the default generator from `seed`, as `torch.manual_seed` does. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed)
}

/** Where a random tensor draws from, and its element type. */
export interface RandomOptions<D extends FloatDType = 'float32'> {
  generator?: Generator
  dtype?: D
}

/** A tensor of `shape`, uniform in [0, 1), as `torch.rand`. */
export function rand<D extends FloatDType = 'float32'>(
  shape: readonly number[],
  { generator = defaultGenerator, dtype = 'float32' as D }: RandomOptions<D> = {},
): Tensor<D> {
  checkShape(shape)
  const data = allocate(dtype, numel(shape))
  generator.uniform(data)
  return new Tensor<D>(data, shape)
}

/** A tensor of `shape` of standard normal numbers, as `torch.randn` (see {@link Generator.normal} for how exactly). */
export function randn<D extends FloatDType = 'float32'>(
  shape: readonly number[],
  { generator = defaultGenerator, dtype = 'float32' as D }: RandomOptions<D> = {},
): Tensor<D> {
  checkShape(shape)
  const data = allocate(dtype, numel(shape))
  generator.normal(data)
  return new Tensor<D>(data, shape)
}

/** A random order of 0 … n−1, as `torch.randperm`. */
export function randperm(
  n: number,
  { generator = defaultGenerator }: { generator?: Generator } = {},
): Int32Array {
  return generator.randperm(n)
}
