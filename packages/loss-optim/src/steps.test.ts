import { backends, type Tensor, tensor, useBackend } from '@handgrad/tensor'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { steps } from '../test/minimize.ts'
import { Adam, type AdamOptions, SGD, type SGDOptions } from './index.ts'

afterAll(() => useBackend(backends().at(-1)!))

/** One parameter of these values, and what it is after each step with these gradients. */
type Run = [name: string, options: object, start: number, gradients: number[], after: number[]]

// Worked out by hand; every number is exact in float32.
const sgd: Run[] = [
  // p ← p − 0.5·g
  ['plain', { lr: 0.5 }, 2, [1, -3], [1.5, 3]],
  // p ← p − 0.5·(g + 0.5p): 4 − 0.5·4, then 2 − 0.5·2
  ['weight decay', { lr: 0.5, weightDecay: 0.5 }, 4, [2, 1], [2, 1]],
  // v = 1, 1.5, 1.75
  ['momentum', { lr: 0.5, momentum: 0.5 }, 2, [1, 1, 1], [1.5, 0.75, -0.125]],
  // v = 1, 0.5 + 0.25·2 = 1, 0.5 + 0.25·(−4) = −0.5
  ['dampening, not of the first step', { lr: 0.5, momentum: 0.5, dampening: 0.75 }, 2, [1, 2, -4], [1.5, 1, 1.25]],
  // d = 4, v = 4; d = 2, v = 2 + 1 = 3; d = −0.75, v = 1.5 − 0.375 = 1.125
  ['momentum behind weight decay', { lr: 0.5, momentum: 0.5, dampening: 0.5, weightDecay: 0.5 }, 4, [2, 1, -1], [2, 0.5, -0.0625]],
  // d = 4, v = 4, step 4 + 2; d = 1.5, v = 3.5, step 1.5 + 1.75
  ['Nesterov', { lr: 0.5, momentum: 0.5, weightDecay: 0.5, nesterov: true }, 4, [2, 1], [1, -0.625]],
  // d = −2 + 2 = 0; d = −1 + 2 = 1: decay still pulls to 0
  ['climbing', { lr: 0.5, weightDecay: 0.5, maximize: true }, 4, [2, 1], [4, 3.5]],
  // v = −1, −0.5 − 1 = −1.5
  ['climbing with momentum', { lr: 0.5, momentum: 0.5, maximize: true }, 2, [1, 1], [2.5, 3.25]],
  ['a rate of 0', { lr: 0, momentum: 0.5 }, 2, [1, 1], [2, 2]],
] // biome-ignore format: one line a run

const root = Math.sqrt
const adam: Run[] = [
  // m = 1, v = 1, corrections 1 − ½ and 1 − ¾: 1·1/(1/½) = ½. Then m = 2.5, v = 0.75 + 4, 1 − ¼ and 1 − 9/16.
  [
    'two means with their corrections',
    { lr: 0.5, betas: [0.5, 0.75], eps: 0 },
    4,
    [2, 4],
    [3.5, 3.5 - ((0.5 / 0.75) * 2.5) / (root(4.75) / root(0.4375))],
  ],
  // ε is added behind the correction: 1/(1/½ + 2) = ¼
  ['epsilon', { lr: 0.5, betas: [0.5, 0.75], eps: 2 }, 4, [2], [3.75]],
  // g = 2 + 0.5·4 = 4: the same direction, whatever its size, with ε = 0
  ['weight decay', { lr: 0.5, betas: [0.5, 0.75], eps: 1, weightDecay: 0.5 }, 4, [2], [4 - 2 / (2 / 0.5 + 1)]],
  ['climbing', { lr: 0.5, betas: [0.5, 0.75], eps: 0, maximize: true }, 4, [2], [4.5]],
  // β₁ = 0: m = g. v = 0.5·16, then 0.5·8 + 0.5·1 = 4.5, of which the largest is 8; corrections ½ and ¾
  [
    'AMSGrad',
    { lr: 0.5, betas: [0, 0.5], eps: 0, amsgrad: true },
    4,
    [4, 1],
    [3.5, 3.5 - 0.5 / (root(8) / root(0.75))],
  ],
  ['the same without AMSGrad', { lr: 0.5, betas: [0, 0.5], eps: 0 }, 4, [4, 1], [3.5, 3.5 - 0.5 / (root(4.5) / root(0.75))]],
] // biome-ignore format: as above

describe.each([...backends(), 'float64'] as const)('on %s', (where) => {
  const dtype = where === 'float64' ? 'float64' : 'float32'
  beforeEach(() => useBackend(where === 'float64' ? 'reference' : where))
  /** Seven equal elements: one vector of the kernels and a remainder. */
  const start = (value: number): Tensor => tensor(Array(7).fill(value), [7], { dtype }) as Tensor
  const gradients = (values: number[]) => values.map((g) => [Array<number>(7).fill(g)])

  test.each(sgd)('SGD: %s', (_name, options: SGDOptions, p, g, after) => {
    expect(steps(new SGD([start(p)], options), gradients(g))).toEqual(
      after.map((value) => Array(7).fill(value)),
    )
  })

  test.each(adam)('Adam: %s', (_name, options: AdamOptions, p, g, after) => {
    const came = steps(new Adam([start(p)], options), gradients(g))
    came.forEach((values, k) => {
      for (const value of values) expect(value).toBeCloseTo(after[k], dtype === 'float64' ? 14 : 6)
    })
  })

  test('the first velocity is the gradient of the first step that has one', () => {
    const optimizer = new SGD([start(2)], { lr: 0.5, momentum: 0.5, dampening: 0.75 })
    expect(steps(optimizer, [[null], ...gradients([1])]).map(([first]) => first)).toEqual([2, 1.5])
  })

  test('a momentum of 0 keeps nothing; one that comes later begins with that step', () => {
    const optimizer = new SGD([start(2)], { lr: 0.5 })
    steps(optimizer, gradients([1]))
    expect(optimizer.stateDict().state).toEqual([{}])
    optimizer.options.momentum = 0.5
    optimizer.options.dampening = 0.75
    // v = 1, then 0.5 + 0.25·2 = 1
    expect(steps(optimizer, gradients([1, 2])).map(([first]) => first)).toEqual([1, 0.5])
    expect([...optimizer.stateDict().state[0].momentum_buffer.data]).toEqual(Array(7).fill(1))
  })

  test('what is kept is what torch keeps', () => {
    const optimizer = new Adam([start(4)], { lr: 0.5, betas: [0.5, 0.75], amsgrad: true })
    steps(optimizer, gradients([2, 1]))
    const [kept] = optimizer.stateDict().state
    // m = 1, 1; v = 1, 0.75 + 0.25; the largest v = 1
    expect(Object.entries(kept).map(([name, { data }]) => [name, [...data]])).toEqual([
      ['step', [2]],
      ['exp_avg', Array(7).fill(1)],
      ['exp_avg_sq', Array(7).fill(1)],
      ['max_exp_avg_sq', Array(7).fill(1)],
    ])
  })
})

test('each parameter has a step count and a state of its own', () => {
  const [a, b]: Tensor[] = [tensor([4]), tensor([4])]
  const optimizer = new Adam([a, b], { lr: 0.5, betas: [0.5, 0.75], eps: 0 })
  steps(optimizer, [[[2], null], [[4], [2]]])
  // b's second step is its first: ½ down, as a's first was.
  expect([b.data[0], optimizer.stateDict().state.map(({ step }) => step.item())]).toEqual([3.5, [2, 1]])
}) // biome-ignore format: gradients
