import { describeValue } from './describe.ts'
import { allocate, type FloatArray, type FloatDType, isFloat } from './dtype.ts'
import { Generator } from './generator.ts'
import { checkOptions, type OptionNames } from './options.ts'
import { checkShape, numel } from './shape.ts'
import { Tensor } from './tensor.ts'

/** The generator of every random draw that is not given one; seeded by chance until {@link manualSeed}. */
// mutant: constant `1` → `2` is equivalent because one of both is taken
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

const optionNames: OptionNames<RandomOptions> = { generator: null, dtype: null }

/** A tensor of `shape`, uniform in [0, 1), as `torch.rand`. */
export function rand<D extends FloatDType = 'float32'>(
  shape: readonly number[],
  options: RandomOptions<D> = {},
): Tensor<D> {
  checkShape(shape, 'rand()')
  checkOptions('rand()', optionNames, arguments, 1)
  return drawn('rand()', shape, options, (generator, data) => generator.uniform(data))
}

/** A tensor of `shape` of standard normal numbers, as `torch.randn` (see {@link Generator.normal} for how exactly). */
export function randn<D extends FloatDType = 'float32'>(
  shape: readonly number[],
  options: RandomOptions<D> = {},
): Tensor<D> {
  checkShape(shape, 'randn()')
  checkOptions('randn()', optionNames, arguments, 1)
  return drawn('randn()', shape, options, (generator, data) => generator.normal(data))
}

function drawn<D extends FloatDType>(
  owner: string,
  shape: readonly number[],
  { generator = defaultGenerator, dtype = 'float32' as D }: RandomOptions<D>,
  draw: (generator: Generator, data: FloatArray) => void,
): Tensor<D> {
  checkGenerator(owner, generator)
  if (!isFloat(dtype)) throw new TypeError(`${owner}: dtype is ${String(dtype)}, expected float32 or float64`)
  const data = allocate<D>(dtype, numel(shape))
  draw(generator, data)
  return new Tensor<D>(data, shape)
}

/** A random order of 0 … n−1, as `torch.randperm`. */
export function randperm(n: number, options: { generator?: Generator } = {}): Int32Array {
  checkOptions('randperm()', { generator: null }, arguments, 1)
  const { generator = defaultGenerator } = options
  checkGenerator('randperm()', generator)
  return generator.randperm(n)
}

/**
 * Refuses an option `generator` that is none.
 * @throws TypeError that names what came.
 */
export function checkGenerator(owner: string, generator: unknown): void {
  if (generator instanceof Generator) return
  throw new TypeError(`${owner}: generator is ${describeValue(generator)}, expected a Generator`)
}
