import { checkTensor, formatShape, isFloat, numel, sameShape, type Tensor } from '@handgrad/tensor'

/** Class indices, or a probability for every class. */
export type Target = Tensor | Tensor<'int32'> | Tensor<'int64'> | Tensor<'uint8'>

/** N samples of C classes at D places each; class c of sample (n, d) is element (n·C + c)·D + d. */
export interface Layout {
  N: number
  C: number
  D: number
  /** The shape of one number per sample: [], [N] or [N,d…]. */
  samples: number[]
}

/** Logits [C], [N,C] or [N,C,d…] as N × C × D. */
export function layoutOf(logits: Tensor): Layout {
  checkTensor('CrossEntropyLoss', 'logits', logits)
  const { shape } = logits
  if (!isFloat(logits.dtype) || shape.length === 0) {
    throw new TypeError('CrossEntropyLoss: logits must be a float tensor [C], [N,C] or [N,C,d…]')
  }
  if (shape.length === 1) return { N: 1, C: shape[0], D: 1, samples: [] }
  const [N, C, ...rest] = shape
  return { N, C, D: numel(rest), samples: [N, ...rest] }
}

/** True for a target that gives each class a probability. */
export function isProbabilities(target: Target): target is Tensor {
  return isFloat(target.dtype)
}

/** @throws Error when target or weight do not fit the logits, or an index is not a class. */
export function checkTarget(
  logits: Tensor,
  { C, samples }: Layout,
  target: Target,
  { weight, ignoreIndex }: { weight: Tensor | null; ignoreIndex: number },
): void {
  checkTensor('CrossEntropyLoss', 'target', target)
  const expected = isProbabilities(target) ? logits.shape : samples
  if (!sameShape(target.shape, expected)) {
    throw new RangeError(
      `CrossEntropyLoss: ${target.dtype} target has shape ${formatShape(target.shape)}, expected ${formatShape(expected)} ` +
        `for logits ${formatShape(logits.shape)}`,
    )
  }
  if (weight !== null && (weight.shape[0] !== C || weight.dtype !== logits.dtype)) {
    throw new RangeError(
      `CrossEntropyLoss: weight is ${weight.dtype} ${formatShape(weight.shape)}, expected ${logits.dtype} [${C}]`,
    )
  }
  if (isProbabilities(target)) {
    if (ignoreIndex >= 0)
      throw new RangeError('CrossEntropyLoss: ignoreIndex needs class indices as target, got probabilities')
    return
  }
  const odd = Array.from(target.data, Number).find((t) => t !== ignoreIndex && !(t >= 0 && t < C))
  if (odd !== undefined)
    throw new RangeError(`CrossEntropyLoss: target ${odd} is not a class, expected 0 to ${C - 1}`)
}
