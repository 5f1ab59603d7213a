import type { Tensor } from '@handgrad/tensor'

/**
 * The index of the largest value of each row of `logits` [N,C]; the first of several. A NaN counts as the largest, as in
 * torch's argmax.
 */
export function predictions(logits: Tensor): Int32Array {
  const [N, C] = logits.shape as [number, number]
  return Int32Array.from({ length: N }, (_, n) => largest(logits.data.subarray(n * C, (n + 1) * C)))
}

function largest(row: Tensor['data']): number {
  let best = 0
  for (const [i, value] of row.entries()) {
    if (value > row[best] || (Number.isNaN(value) && !Number.isNaN(row[best]))) best = i
  }
  return best
}
