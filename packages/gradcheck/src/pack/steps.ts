import { Tensor } from '@handgrad/tensor'
import { PackError } from './layout.ts'

/** Before the name of a tensor: how far from it PyTorch's own float32 is. */
export const STEPS = 'steps/'

const bitsOf = (values: ArrayLike<number>): Int32Array => new Int32Array(Float32Array.from(values).buffer)

/**
 * By how many float32 numbers PyTorch's own float32 result lies beside the float64 one rounded to float32: the difference
 * of their bits as int32, which wraps where the signs differ. Null where it is that one in every bit. Two NaN are one.
 * @throws PackError for a result that is float64 in both runs, and not the same: bits of float32 would not tell it.
 */
export function stepsBeside(truth: Tensor, own: Tensor): Tensor<'int32'> | null {
  if (own.dtype === 'float64') {
    if (truth.data.every((value, i) => Object.is(value, own.data[i]))) return null
    throw new PackError('two runs in float64 gave two results')
  }
  const [rounded, given] = [bitsOf(truth.data), bitsOf(own.data)]
  const steps = rounded.map((bits, i) =>
    Number.isNaN(truth.data[i]) && Number.isNaN(own.data[i]) ? 0 : given[i] - bits,
  )
  return steps.some((step) => step !== 0) ? new Tensor(steps, truth.shape) : null
}
