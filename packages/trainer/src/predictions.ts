import type { Tensor } from '@handgrad/tensor'

/**
 * The index of the largest value of each row of `logits` [N,C]; the first of several. A NaN counts as the largest, as in
 * torch's argmax.
 */
export function predictions(logits: Tensor): Int32Array {
  const [N, C] = logits.shape as [number, number]
  const classes = new Int32Array(N)
  for (let n = 0; n < N; n++) {
    let best = n * C
    for (let i = best + 1; i < (n + 1) * C; i++) {
      const [value, top] = [logits.data[i], logits.data[best]]
      if (value > top || (Number.isNaN(value) && !Number.isNaN(top))) best = i
    }
    classes[n] = best - n * C
  }
  return classes
}
