import {
  checkGenerator,
  checkOptions,
  defaultGenerator,
  describeValue,
  type Generator,
  type OptionNames,
} from '@handgrad/tensor'
import type { Dataset, Target } from './dataset.ts'
import { Subset } from './subset.ts'

/** Fractions as sample counts: each rounded down, then what is left dealt out one at a time from the first on. */
function fractionsToLengths(fractions: readonly number[], count: number): number[] {
  const lengths = fractions.map((fraction) => Math.floor(count * fraction))
  const rest = count - lengths.reduce((sum, length) => sum + length, 0)
  for (let i = 0; i < rest; i++) lengths[i % lengths.length] += 1
  return lengths
}

/** As torch, lengths that sum to 1 are fractions; `math.isclose` allows 1e-9 there. */
function resolveLengths(lengths: readonly number[], count: number): readonly number[] {
  const sum = lengths.reduce((total, length) => total + length, 0)
  const fractions = Math.abs(sum - 1) <= 1e-9
  const bad = lengths.find((length) => length < 0 || (!fractions && !Number.isInteger(length)))
  if (bad !== undefined || (!fractions && sum !== count)) {
    const expected = `whole numbers that sum to its ${count} samples, or fractions that sum to 1`
    throw new RangeError(`randomSplit: lengths [${lengths.join(', ')}], expected ${expected}`)
  }
  return fractions ? fractionsToLengths(lengths, count) : lengths
}

export interface RandomSplitOptions {
  /** Draws from this generator instead of the default one. */
  generator?: Generator
}

/** One part for each length: as many as the list has, where that is known. */
type Parts<D extends Dataset<Target>, L extends readonly number[]> = { -readonly [K in keyof L]: Subset<D> }

const optionNames: OptionNames<RandomSplitOptions> = { generator: true }

/**
 * Cuts a random order of all samples into parts of the given lengths (or fractions): one `randperm`.
 *
 * Source: `torch.utils.data.random_split`, which gives the same parts for the same generator state.
 * @throws RangeError when the lengths do not sum to the dataset's, nor the fractions to 1.
 */
export function randomSplit<D extends Dataset<Target>, const L extends readonly number[]>(
  dataset: D,
  lengths: L,
  options: RandomSplitOptions = {},
): Parts<D, L> {
  checkOptions('randomSplit', optionNames, arguments, 2)
  const { generator = defaultGenerator } = options
  checkGenerator('randomSplit', generator)
  if (!Array.isArray(lengths)) {
    const came = describeValue(lengths)
    throw new TypeError(`randomSplit: lengths is ${came}, expected a list of them, as [0.8, 0.2]`)
  }
  if (!Number.isInteger(dataset?.length))
    throw new TypeError(`randomSplit: dataset is ${describeValue(dataset)}, expected a dataset`)
  const resolved = resolveLengths(lengths, dataset.length)
  const order = generator.randperm(dataset.length)
  let end = 0
  return resolved.map((length) => {
    end += length
    return new Subset(dataset, order.subarray(end - length, end))
  }) as Parts<D, L>
}
