import { type Tensor, tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { stepsBeside } from './steps.ts'

const wide = { dtype: 'float64' } as const
const of = (truth: readonly number[], own: readonly number[]) =>
  stepsBeside(tensor(truth, [truth.length], wide), tensor(own))

/** What the page says that a program does: `(y.astype('f4').view('i4') + steps).view('f4')`. */
function back(truth: Tensor, steps: Tensor<'int32'>): number[] {
  const bits = new Int32Array(Float32Array.from(truth.data).buffer)
  return [...new Float32Array(bits.map((value, i) => value + steps.data[i]).buffer)]
}

test('one number up is 1, one down −1, away from 0 is up', () => {
  const up = 1 + 2 ** -23
  expect([...of([1, 1, 1, -1, 0.1], [1, up, 1 - 2 ** -24, -up, Math.fround(0.1)])!.data]).toEqual([
    0, 1, -1, 1, 0,
  ])
})

test('what is the rounded value in every bit has no steps', () => {
  expect(of([0.1, NaN, -0, Infinity], [0.1, NaN, -0, Infinity])).toBeNull()
  expect(of([], [])).toBeNull()
})

test.each([
  ['another sign of a zero', [0, 1], [-0, 1]],
  ['another sign', [1e-9, 1], [-2e-9, 1]],
  ['NaN for a number', [3, 1], [NaN, 1]],
  ['a number for NaN', [NaN, 1], [3, 1]],
  ['infinity', [1e38, -1], [Infinity, -Infinity]],
])('%s comes back', (_, truth, own) => {
  const steps = of(truth, own)!
  expect(steps).toMatchObject({ dtype: 'int32', shape: [2] })
  expect(back(tensor(truth, [2], wide), steps)).toEqual(own.map(Math.fround))
})

test('has the shape of the result', () => {
  expect(stepsBeside(tensor([[1], [2]], undefined, wide), tensor([[1], [3]]))!.shape).toEqual([2, 1])
})

test('two runs in float64 must give one result', () => {
  expect(stepsBeside(tensor([0.1], [1], wide), tensor([0.1], [1], wide))).toBeNull()
  expect(() => stepsBeside(tensor([0], [1], wide), tensor([-0], [1], wide))).toThrow(
    'two runs in float64 gave two results',
  )
  expect(() => stepsBeside(tensor([1, 2], [2], wide), tensor([1, 3], [2], wide))).toThrow('two results')
})
