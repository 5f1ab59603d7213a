/** The probabilities of one row of logits; from the largest down, so that none overflows. */
export function softmax(logits: ArrayLike<number>): number[] {
  const row = Array.from(logits)
  const most = Math.max(...row)
  const powers = row.map((logit) => Math.exp(logit - most))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
