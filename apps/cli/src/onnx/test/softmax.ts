import { type Tensor, zeros } from '@handgrad/tensor'

/** What a left-off Softmax or LogSoftmax, which `note` names, would make of rows of logits [N,K]. */
export function softmaxOf(note: string, logits: Tensor): Tensor {
  const [, op] =
    /^the (Softmax|LogSoftmax) at the end is left off: the network gives logits$/.exec(note) ?? []
  const [N, K] = logits.shape
  const y = zeros([N, K])
  for (let n = 0; n < N; n++) {
    const row = Array.from(logits.data.subarray(n * K, (n + 1) * K))
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0)
    y.data.set(
      row.map((logit) => (op === 'Softmax' ? Math.exp(logit) / sum : logit - Math.log(sum))),
      n * K,
    )
  }
  if (op === undefined) throw new Error(`unexpected note: ${note}`)
  return y
}
