import { type Tensor, tensor } from '@handgrad/tensor'
import { digits, type Pass } from '../pass.ts'
import { gradient, numbers, rounded, type ThreadStep } from '../step.ts'

/** The scores as a loss. */
export function crossEntropyStep({ values, softmax, target, loss }: Pass): ThreadStep {
  const z = values.at(-1)!
  const [p, dz] = [rounded(softmax[target]), rounded(gradient(z).data[target])]
  const query = new URLSearchParams({ z: Array.from(z.data).join(), target: String(target), shift: '0' })
  const row = (data: readonly number[]): Tensor => tensor(Float64Array.from(data))
  return {
    id: 'cross-entropy',
    title: 'Softmax and cross-entropy',
    page: 'cross-entropy',
    forward: [
      numbers('z', 'the scores of the linear layer', z),
      numbers('p', `softmax: ${digits.join(', ')}?`, row(softmax)),
      numbers('q', `one-hot: it is a ${digits[target]}`, row(softmax.map((_, i) => Number(i === target)))),
      numbers('L', 'the loss', row([loss]), [1]),
    ],
    backward: [numbers('dz', 'softmax minus one-hot', gradient(z))],
    byHand: [
      `L = −log p[${target}] = −log ${p} = ${rounded(loss)}.`,
      `dz[${target}] = p[${target}] − 1 = ${p} − 1 = ${dz}: its score is to rise, and the others are to fall.`,
    ],
    address: `?${query.toString().replaceAll('%2C', ',')}#explorer`,
  }
}
