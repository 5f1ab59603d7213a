import { tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Expectations } from './spec.ts'
import { coinciding, vacuity } from './vacuity.ts'

const { NaN: nan } = Number
const proves = 'it proves nothing; change the case, or say why it must be'
const is = (what: string): string => `golden dx is ${what}: ${proves}`
const not = (what: string): string => `golden dx is stated to be ${what}, but it is not`
const found = (
  values: readonly number[],
  allowed: number | readonly number[],
  stated?: Expectations[string],
) =>
  vacuity(
    'dx',
    tensor([...values], undefined, { dtype: 'float64' }),
    (i) => (typeof allowed === 'number' ? allowed : allowed[i]),
    stated === undefined ? { dy: { zero: 'another' } } : { dx: stated },
  )

describe('a golden gradient', () => {
  it.each<[string, readonly number[], number | readonly number[], string | null]>([
    ['that differs', [1, 2], 0.5, null],
    ['all zero', [0, 0], 0, is('all zero')],
    ['all zero, of both signs', [0, -0], 0, is('all zero')],
    ['of one zero', [0], 0, is('all zero')],
    ['of no element', [], 0, is('all zero')],
    ['with one that is not zero', [0, 0, 1e-9], 1e-10, null],
    ['constant', [3, 3, 3], 0.5, is('constant')],
    ['constant NaN', [nan, nan], 0, is('constant')],
    ['constant but for the last', [3, 3, 3.5], 0.5, null],
    ['of one element', [3], 0.5, null],
    ['below its tolerance', [0.1, -0.2], 0.2, is('below its tolerance')],
    ['below its tolerance but for one', [0.1, -0.2], [0.1, 0.19], null],
    ['below its tolerance in magnitude', [-5, -6], 0.1, null],
    ['of one element below its tolerance', [0.1], 0.2, is('below its tolerance')],
  ])('%s', (_, values, allowed, message) => {
    expect(found(values, allowed)).toBe(message)
  })

  it.each<[string, readonly number[], Expectations[string], string | null]>([
    ['zero and is', [0, -0], { zero: 'empty' }, null],
    ['zero and is not', [0, 1], { zero: 'empty' }, not('zero')],
    ['zero and is small', [1e-3, 0], { zero: 'empty' }, not('zero')],
    ['constant and is', [2, 2], { constant: 'mean' }, null],
    ['constant and is not', [2, 2.1], { constant: 'mean' }, not('constant')],
    ['constant and is one element', [2], { constant: 'mean' }, not('constant')],
    ['small and is', [1e-3, -0.01], { small: 'far' }, null],
    ['small and is not', [1e-3, 0.02], { small: 'far' }, not('small')],
  ])('stated to be %s', (_, values, stated, message) => {
    expect(found(values, 0.01, stated)).toBe(message)
  })
})

describe('extents that coincide', () => {
  const of = (...shapes: number[][]) => Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape }]))

  it.each([
    ['differ', of([2, 3, 4]), undefined, null],
    ['are ones', of([1, 3, 1]), undefined, null],
    ['are of two tensors', of([2, 3], [3, 2]), undefined, null],
    ['come twice', of([2, 3, 2]), undefined, 'x0 [2,3,2] has 2 twice: make all extents differ, or say why'],
    [
      'come twice in the second',
      of([2, 3], [5, 5]),
      undefined,
      'x1 [5,5] has 5 twice: make all extents differ, or say why',
    ],
    ['come twice and are stated', of([2, 3], [5, 5]), 'torch', null],
    [
      'differ and are stated',
      of([2, 3]),
      'torch',
      'equalExtents is stated ("torch"), but all extents differ',
    ],
  ])('%s', (_, inputs, why, message) => {
    expect(coinciding(inputs, why)).toBe(message)
  })
})
