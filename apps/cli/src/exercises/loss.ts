import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { tensor } from '@handgrad/tensor'
import { drawn, nested } from './cases.ts'
import type { Case, Exercise } from './exercise.ts'

const EPS = 1e-6

function targetsOf(N: number, C: number, seed: number): number[] {
  return Array.from({ length: N }, (_, n) => (seed + 3 * n) % C)
}

const lossCases =
  (large: boolean) =>
  (seed: number): Case[] =>
    [
      [3, 4],
      [5, 3],
    ].map(([N, C], i) => {
      const z = drawn([N, C], seed + i)
      // Far above 0, where exponentials overflow; then far apart, where a probability becomes 0.
      if (large)
        for (let at = 0; at < z.data.length; at++)
          z.data[at] = i === 0 ? z.data[at] + 800 : -Math.abs(z.data[at]) * 1500
      const target = targetsOf(N, C, seed + i)
      const criterion = new CrossEntropyLoss()
      const t = tensor(Int32Array.from(target))
      const L = criterion.forward(z, t).item()
      criterion.bwd()
      const dz = z.g!.clone()
      // The loss itself is no slope of anything.
      const slope = (_output: string, [n, c]: readonly number[]): number => {
        const at = n * C + c
        const kept = z.data[at]
        const loss = (value: number): number => {
          z.data[at] = value
          const found = new CrossEntropyLoss().forward(z, t).item()
          z.data[at] = kept
          return found
        }
        return (loss(kept + EPS) - loss(kept - EPS)) / (2 * EPS)
      }
      return {
        name: `${N} samples, ${C} classes`,
        inputs: { z: nested(z), t: target },
        expected: large ? { L } : { dz: nested(dz) },
        ...(!large && { slope }),
      }
    })

/** Softmax and cross-entropy. */
export const exercises: readonly Exercise[] = [
  {
    id: 'cross-entropy-forward',
    title: 'cross-entropy that does not overflow',
    task: 'z is [N][C], the logits (some are in the hundreds); t is [N], the right class of each sample.\nGive L, the mean over the samples of −log softmax(z)[t].',
    inputs: { z: 'number[][]', t: 'number[]' },
    outputs: { L: 'number' },
    hints: [
      'exp(800) is no number any more.',
      'Subtract the largest logit of a sample first: the quotient stays the same.',
      'log softmax = z − max − log Σ exp(z − max)',
    ],
    solution: `let L = 0
for (let n = 0; n < z.length; n++) {
  const max = Math.max(...z[n])
  const sum = z[n].reduce((total, value) => total + Math.exp(value - max), 0)
  L -= (z[n][t[n]] - max - Math.log(sum)) / z.length
}
return { L }`,
    mistakes: [
      {
        says: 'the exponential overflows: subtract the largest logit first',
        find: 'const max = Math.max(...z[n])',
        replace: 'const max = 0',
      },
      {
        says: 'the logarithm is taken of a probability that has become 0',
        find: '(z[n][t[n]] - max - Math.log(sum))',
        replace: 'Math.log(Math.exp(z[n][t[n]] - max) / sum)',
      },
      { says: 'it is the sum over the samples, not the mean', find: ' / z.length', replace: '' },
      { says: 'the sign is wrong: the loss is minus the logarithm', find: 'L -=', replace: 'L +=' },
    ],
    cases: lossCases(true),
  },
  {
    id: 'cross-entropy-dz',
    title: 'the gradient of cross-entropy',
    task: 'L is the mean over N samples of −log softmax(z)[t]; z is [N][C], t is [N].\nGive dz, the gradient of L by every logit, [N][C].',
    inputs: { z: 'number[][]', t: 'number[]' },
    outputs: { dz: 'number[][]' },
    hints: ['Softmax minus one-hot.', 'And divided by N, once.'],
    solution: `const dz = z.map((row, n) => {
  const max = Math.max(...row)
  const e = row.map((value) => Math.exp(value - max))
  const sum = e.reduce((a, b) => a + b, 0)
  return e.map((value, c) => (value / sum - (c === t[n] ? 1 : 0)) / z.length)
})
return { dz }`,
    mistakes: [
      { says: 'you divided by N twice', find: ' / z.length)', replace: ' / z.length / z.length)' },
      { says: 'the division by N is forgotten: L is a mean', find: ') / z.length)', replace: '))' },
      {
        says: 'the sign is wrong: it is softmax minus one-hot',
        find: '(value / sum - (c === t[n] ? 1 : 0))',
        replace: '((c === t[n] ? 1 : 0) - value / sum)',
      },
      {
        says: 'one-hot is forgotten: the right class must be pulled up',
        find: '- (c === t[n] ? 1 : 0)',
        replace: '- 0',
      },
      { says: 'the softmax is not divided by its sum', find: 'value / sum -', replace: 'value -' },
    ],
    cases: lossCases(false),
  },
]
