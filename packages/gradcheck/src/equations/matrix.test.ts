import { parse } from 'mathjs/number'
import { describe, expect, it } from 'vitest'
import { model, t } from '../test/equations.ts'
import { matrixValue } from './matrix.ts'

const tensors = {
  A: t([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  B: t([
    [1, 0],
    [-1, 2],
    [0, 3],
  ]),
  C: t([
    [10, 20],
    [30, 40],
  ]),
  v: t([100, 200, 300]),
  s: t(7),
  // Two matrices [2,3], and two [3,2].
  S: t([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [0, 1, 0],
      [2, 0, 1],
    ],
  ]),
  T: t([
    [
      [1, 0],
      [-1, 2],
      [0, 3],
    ],
    [
      [1, 1],
      [0, 2],
      [5, 0],
    ],
  ]),
}

const m = model({ double: 'twice(P)[i,j] = 2 * P[i,j]', flip: 'flip(P)[j,i] = P[i,j] + i' }, tensors)
const value = (text: string, at: Record<string, number> = {}): [readonly number[], number[]] => {
  const { shape, data } = matrixValue(m, parse(text), at)
  return [shape, Array.from(data)]
}

describe('whole tensors', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['A', [2, 3], [1, 2, 3, 4, 5, 6]],
    ['(A)', [2, 3], [1, 2, 3, 4, 5, 6]],
    ['-A', [2, 3], [-1, -2, -3, -4, -5, -6]],
    ["A'", [3, 2], [1, 4, 2, 5, 3, 6]],
    ["S'", [2, 3, 2], [1, 4, 2, 5, 3, 6, 0, 2, 1, 0, 0, 1]],
    ["A''", [2, 3], [1, 2, 3, 4, 5, 6]],
    ['A * B', [2, 2], [-1, 13, -1, 28]],
    ['B * A', [3, 3], [1, 2, 3, 7, 8, 9, 12, 15, 18]],
    ["A * A'", [2, 2], [14, 32, 32, 77]],
    // A stack against one matrix, on either side, and against a stack.
    ['S * B', [2, 2, 2], [-1, 13, -1, 28, -1, 2, 2, 3]],
    ['C * S', [2, 2, 3], [90, 120, 150, 190, 260, 330, 40, 10, 20, 80, 30, 40]],
    ['S * T', [2, 2, 2], [-1, 13, -1, 28, 0, 2, 7, 2]],
    // A shorter shape repeats along the axes in front.
    ['A + v', [2, 3], [101, 202, 303, 104, 205, 306]],
    ['v + A', [2, 3], [101, 202, 303, 104, 205, 306]],
    ['A - v', [2, 3], [-99, -198, -297, -96, -195, -294]],
    ['v - A', [2, 3], [99, 198, 297, 96, 195, 294]],
    ['A + s', [2, 3], [8, 9, 10, 11, 12, 13]],
    ['S - A', [2, 2, 3], [0, 0, 0, 0, 0, 0, -1, -1, -3, -2, -5, -5]],
    ['sum(A, 0)', [3], [5, 7, 9]],
    ['sum(A, 1)', [2], [6, 15]],
    ['sum(A, 0, 1)', [], [21]],
    ['sum(S, 0)', [2, 3], [1, 3, 3, 6, 5, 7]],
    ['sum(S, 1)', [2, 3], [5, 7, 9, 2, 1, 1]],
    ['sum(S, 2)', [2, 2], [6, 15, 1, 3]],
    ['sum(S, 0, 2)', [2], [7, 18]],
    ['sum(S[i], i)', [2, 3], [1, 3, 3, 6, 5, 7]],
    ['sum(S[i] * T[i], i)', [2, 2], [-1, 15, 6, 30]],
    ['twice(A)', [2, 3], [2, 4, 6, 8, 10, 12]],
    ['twice(A) + v', [2, 3], [102, 204, 306, 108, 210, 312]],
    ['flip(A)', [3, 2], [1, 5, 2, 6, 3, 7]],
  ])('%s', (text, shape, data) => {
    expect(value(text)).toEqual([shape, data])
  })

  it('are cut by the indices in force', () => {
    expect(value('S[i]', { i: 1 })).toEqual([
      [2, 3],
      [0, 1, 0, 2, 0, 1],
    ])
    expect(value('S[i,k]', { i: 1, k: 1 })).toEqual([[3], [2, 0, 1]])
    expect(value('S[i,k,j]', { i: 0, k: 1, j: 2 })).toEqual([[], [6]])
    expect(value("S[i]' * A", { i: 1 })).toEqual([
      [3, 3],
      [8, 10, 12, 1, 2, 3, 4, 5, 6],
    ])
  })

  it.each([
    ['A * A', '[2,3] * [2,3]: these are no factors of a matrix product'],
    ["S * T'", '[2,2,3] * [2,2,3]: these are no factors of a matrix product'],
    ['A + B', 'shapes [2,3] and [3,2] do not go together'],
    ['S + v * A', '[3] * [2,3]: these are no factors of a matrix product'],
    ['A / s', "'A / s' is not part of the matrix notation"],
    ['2', "'2' is not part of the matrix notation"],
    ['Q', "'Q' is not part of the matrix notation"],
    ['thrice(A)', 'no line defines thrice()'],
  ])('that do not fit are refused: %s', (text, message) => {
    expect(() => value(text)).toThrow(new Error(message))
  })

  it('a stack of another length is no factor', () => {
    const odd = model({}, { ...tensors, U: t([[[1], [2], [3]]]) })
    expect(() => matrixValue(odd, parse('S * U'))).toThrow('[2,2,3] * [1,3,1]: these are no factors')
  })
})
