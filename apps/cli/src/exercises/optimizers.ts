import { Adam, SGD } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'
import { column, drawn, nested } from './cases.ts'
import type { Case, Exercise, Inputs } from './exercise.ts'

interface Steps {
  step(): void
}

/** The parameters after each of K steps of the library's optimizer, with gradients that are given. */
const cases =
  (make: (p: Tensor) => Steps, settings: Inputs) =>
  (seed: number): Case[] =>
    [
      [4, 3],
      [6, 2],
    ].map(([K, T], i) => {
      const start = drawn([T], seed + i)
      const g = drawn([K, T], seed + 50 + i)
      const p = column(Array.from(start.data))
      const optimizer = make(p)
      const after = Array.from({ length: K }, (_, k) => {
        p.g = column(Array.from(g.data.subarray(k * T, (k + 1) * T)))
        optimizer.step()
        return Array.from(p.data)
      })
      return {
        name: `${K} steps of ${T} parameters`,
        inputs: { p: nested(start), g: nested(g), ...settings },
        expected: { after },
      }
    })

const inputs = { p: 'number[]', g: 'number[][]', lr: 'number' }
const task = 'p is [T], the parameters at the start; g is [K][T], the gradients of K steps.'

/** The steps of SGD and Adam. */
export const exercises: readonly Exercise[] = [
  {
    id: 'sgd-momentum',
    title: 'SGD with momentum',
    task: `${task}\nGive after, [K][T]: the parameters after each step of SGD with learning rate lr and momentum mu, as PyTorch has it:\nv = mu · v + g (v is g itself at the first step), p = p − lr · v.`,
    inputs: { ...inputs, mu: 'number' },
    outputs: { after: 'number[][]' },
    hints: ['Keep one velocity a parameter.', 'The first velocity is the gradient, not a part of it.'],
    solution: `let [now, v] = [p, null]
const after = g.map((row) => {
  v = v === null ? row : v.map((old, i) => mu * old + row[i])
  now = now.map((value, i) => value - lr * v[i])
  return now
})
return { after }`,
    mistakes: [
      {
        says: 'the velocity is a running mean: the new gradient is not scaled by 1 − mu',
        find: 'mu * old + row[i]',
        replace: 'mu * old + (1 - mu) * row[i]',
      },
      { says: 'the momentum is forgotten', find: 'mu * old + row[i]', replace: 'row[i]' },
      { says: 'the step goes uphill', find: 'value - lr', replace: 'value + lr' },
      { says: 'each step starts from the first parameters', find: 'now = now.map(', replace: 'now = p.map(' },
    ],
    cases: cases((p) => new SGD([p], { lr: 0.1, momentum: 0.9 }), { lr: 0.1, mu: 0.9 }),
  },
  {
    id: 'sgd-weight-decay',
    title: 'SGD with momentum and weight decay',
    task: `${task}\nGive after, [K][T], with learning rate lr, momentum mu and weight decay lam: lam · p is added to the gradient before anything else.`,
    inputs: { ...inputs, mu: 'number', lam: 'number' },
    outputs: { after: 'number[][]' },
    hints: ['The decay goes through the momentum too.', 'd = g + lam · p, then v = mu · v + d'],
    solution: `let [now, v] = [p, null]
const after = g.map((row) => {
  const d = row.map((value, i) => value + lam * now[i])
  v = v === null ? d : v.map((old, i) => mu * old + d[i])
  now = now.map((value, i) => value - lr * v[i])
  return now
})
return { after }`,
    mistakes: [
      {
        says: 'the decay is decoupled: it must go through the momentum',
        find: 'value + lam * now[i])',
        replace: 'value)',
      },
      {
        says: 'the decay is of the first parameters, not of those of now',
        find: 'lam * now[i]',
        replace: 'lam * p[i]',
      },
      { says: 'the sign of the decay is wrong', find: 'value + lam', replace: 'value - lam' },
    ],
    cases: cases((p) => new SGD([p], { lr: 0.1, momentum: 0.9, weightDecay: 0.2 }), {
      lr: 0.1,
      mu: 0.9,
      lam: 0.2,
    }),
  },
  {
    id: 'adam',
    title: 'Adam with its bias correction',
    task: `${task}\nGive after, [K][T]: the parameters after each step of Adam with learning rate lr, b1, b2 and eps.`,
    inputs: { ...inputs, b1: 'number', b2: 'number', eps: 'number' },
    outputs: { after: 'number[][]' },
    hints: [
      'm and v start at 0, so they are too small at first.',
      'After step k (from 1), divide m by 1 − b1ᵏ and v by 1 − b2ᵏ.',
      'p = p − lr · m̂ / (√v̂ + eps)',
    ],
    solution: `let now = p
const m = p.map(() => 0)
const v = p.map(() => 0)
const after = g.map((row, k) => {
  now = now.map((value, i) => {
    m[i] = b1 * m[i] + (1 - b1) * row[i]
    v[i] = b2 * v[i] + (1 - b2) * row[i] ** 2
    const mean = m[i] / (1 - b1 ** (k + 1))
    const square = v[i] / (1 - b2 ** (k + 1))
    return value - (lr * mean) / (Math.sqrt(square) + eps)
  })
  return now
})
return { after }`,
    mistakes: [
      {
        says: 'the bias of the mean is kept: divide m by 1 − b1ᵏ',
        find: 'm[i] / (1 - b1 ** (k + 1))',
        replace: 'm[i]',
      },
      {
        says: 'the bias of the square is kept: divide v by 1 − b2ᵏ',
        find: 'v[i] / (1 - b2 ** (k + 1))',
        replace: 'v[i]',
      },
      {
        says: 'the steps are counted from 0: at the first one k is 1',
        find: '1 - b1 ** (k + 1)',
        replace: '1 - b1 ** (k + 2)',
      },
      { says: 'eps is under the root', find: 'Math.sqrt(square) + eps', replace: 'Math.sqrt(square + eps)' },
      { says: 'the gradient is not squared', find: 'row[i] ** 2', replace: 'Math.abs(row[i])' },
    ],
    cases: cases((p) => new Adam([p], { lr: 0.1, betas: [0.9, 0.99], eps: 1e-3 }), {
      lr: 0.1,
      b1: 0.9,
      b2: 0.99,
      eps: 1e-3,
    }),
  },
]
