import { describe, expect, test } from 'vitest'
import { allocate, type FloatDType } from '../dtype.ts'
import { Generator } from '../generator.ts'
import { addProduct, flipped, type Matrix } from './product.ts'

const random = new Generator(0)

/** Whole numbers, whose products and sums are exact in any order; a share of `density` of them is not 0. */
function matrix(rows: number, cols: number, dtype: FloatDType, density: number): Matrix {
  const data = allocate(dtype, rows * cols + 5)
  for (let i = 5; i < data.length; i++) {
    if (random.random53() < density)
      data[i] = Math.ceil(random.random53() * 9) * (random.random53() < 0.5 ? -1 : 1)
  }
  const inRows = { data, from: 5, rows, cols, rs: cols, cs: 1 }
  return random.random53() < 0.5 ? inRows : flipped({ ...inRows, rows: cols, cols: rows, rs: rows })
}

const element = ({ data, from, rs, cs }: Matrix, r: number, c: number): number => data[from + r * rs + c * cs]

function threeLoops(A: Matrix, B: Matrix): number[] {
  const out: number[] = []
  for (let r = 0; r < A.rows; r++) {
    for (let c = 0; c < B.cols; c++) {
      let sum = 0
      for (let k = 0; k < A.cols; k++) sum += element(A, r, k) * element(B, k, c)
      out.push(sum)
    }
  }
  return out
}

function product(A: Matrix, B: Matrix, dtype: FloatDType): number[] {
  const out = matrix(A.rows, B.cols, dtype, 0)
  addProduct(A, B, out)
  return Array.from({ length: A.rows * B.cols }, (_, i) => element(out, Math.floor(i / B.cols), i % B.cols))
}

/** Puts `number` at a random place, if there is one. */
function spoil({ data }: Matrix, number: number): void {
  if (data.length > 5) data[5 + Math.floor(random.random53() * (data.length - 5))] = number
}

// Every width of the last panel, sums that go on in another part, more rows than are listed at a time.
const shapes = [
  [3, 5, 8],
  [1, 1, 1],
  [9, 1100, 7],
  [33, 513, 17],
  [17_000, 1, 2],
  [2, 1, 1003],
  [11, 16, 204],
  [4, 7, 13],
  [4, 0, 3],
  [0, 4, 3],
  [4, 3, 0],
] as const

describe.each(shapes)('[%i, %i] @ [., %i]', (M, K, P) => {
  test.each([
    ['float32', 0.1, 1],
    ['float64', 0.1, 1],
    ['float32', 1, 0.1],
    ['float64', 1, 1],
  ] as const)('%s, %d and %d of it not 0: as three loops, with ∞ and NaN too', (dtype, left, right) => {
    const [A, B] = [matrix(M, K, dtype, left), matrix(K, P, dtype, right)]
    for (const [side, number] of [
      [A, 0],
      [B, Infinity],
      [A, -Infinity],
      [B, NaN],
    ] as const) {
      spoil(side, number)
      expect(product(A, B, dtype)).toEqual(threeLoops(A, B))
    }
  })
})

test('adds to what is there, and touches nothing else', () => {
  const [A, B] = [matrix(3, 4, 'float32', 1), matrix(4, 9, 'float32', 1)]
  const data = new Float32Array(40).fill(7)
  addProduct(A, B, { data, from: 5, rows: 3, cols: 9, rs: 10, cs: 1 })
  const expected = new Float32Array(40).fill(7)
  for (const [i, value] of threeLoops(A, B).entries()) expected[5 + Math.floor(i / 9) * 10 + (i % 9)] += value
  expect(data).toEqual(expected)
})

test('numbers whose sum overflows are no reason to leave out a product, nor to spoil one', () => {
  const A = { data: Float64Array.of(0, 1), from: 0, rows: 1, cols: 2, rs: 2, cs: 1 }
  const B = { data: new Float64Array(16).fill(1.7e308), from: 0, rows: 2, cols: 8, rs: 8, cs: 1 }
  expect(product(A, B, 'float64')).toEqual(Array.from({ length: 8 }, () => 1.7e308))
})
