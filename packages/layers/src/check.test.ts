import { describe, expect, test } from 'vitest'
import {
  checkChannels,
  checkPair,
  checkSingle,
  checkWhole,
  imageLike,
  imageShape,
  inLayer,
  lineShape,
} from './check.ts'

describe('checkWhole', () => {
  test.each([1, 2, Number.MAX_SAFE_INTEGER])('takes %i', (value) => {
    expect(() => checkWhole('L', 'n', value, 1)).not.toThrow()
  })

  test.each([
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [2 ** 53, '9007199254740992'],
    ['1', "'1'"],
    [null, 'null'],
    [undefined, 'undefined'],
    [1n, '1n'],
    [true, 'true'],
  ])('refuses %s', (value, shown) => {
    const message = `L: n is ${shown}, expected a whole number ≥ 1`
    expect(() => checkWhole('L', 'n', value, 1)).toThrow(new RangeError(message))
  })
})

describe('checkPair', () => {
  test('a number counts for both axes', () => {
    expect(checkPair('L', 'stride', 2, 1)).toEqual([2, 2])
    expect(checkPair('L', 'stride', [2, 3], 1)).toEqual([2, 3])
    expect(checkPair('L', 'padding', [0, 1], 0)).toEqual([0, 1])
  })

  test.each<[unknown, string]>([
    [[1], 'L: stride is 1, expected a number or a pair of numbers'],
    [[1, 2, 3], 'L: stride is 1,2,3, expected a number or a pair of numbers'],
    ['22', "L: stride is '22', expected a number or a pair of numbers"],
    [null, 'L: stride is null, expected a number or a pair of numbers'],
    [0, 'L: stride is 0, expected a whole number ≥ 1'],
    [[0, 1], 'L: stride is 0, expected a whole number ≥ 1'],
    [[1, 0], 'L: stride is 0, expected a whole number ≥ 1'],
    [[1, 1.5], 'L: stride is 1.5, expected a whole number ≥ 1'],
  ])('refuses %j', (value, message) => {
    expect(() => checkPair('L', 'stride', value as number, 1)).toThrow(new RangeError(message))
  })
})

describe('checkSingle', () => {
  test('a number may stand in an array', () => {
    expect(checkSingle('L', 'stride', 2, 1)).toBe(2)
    expect(checkSingle('L', 'stride', [3], 1)).toBe(3)
    expect(checkSingle('L', 'padding', 0, 0)).toBe(0)
  })

  test.each<[unknown, string]>([
    [[1, 2], 'L: stride is 1,2, expected a number'],
    [[], 'L: stride is an empty array, expected a number'],
    [[[1]], 'L: stride is 1, expected a number'],
    ['2', "L: stride is '2', expected a whole number ≥ 1"],
    [['2'], "L: stride is '2', expected a whole number ≥ 1"],
    [null, 'L: stride is null, expected a whole number ≥ 1'],
    [0, 'L: stride is 0, expected a whole number ≥ 1'],
    [[1.5], 'L: stride is 1.5, expected a whole number ≥ 1'],
  ])('refuses %j', (value, message) => {
    expect(() => checkSingle('L', 'stride', value as number, 1)).toThrow(new RangeError(message))
  })
})

describe('checkChannels', () => {
  test('groups divide both', () => {
    expect(() => checkChannels('L', 4, 6, 2)).not.toThrow()
    expect(() => checkChannels('L', 1, 1, 1)).not.toThrow()
  })

  test.each<[number, number, number, string]>([
    [3, 6, 2, 'L: groups is 2, expected a divisor of inChannels 3 and outChannels 6'],
    [4, 5, 2, 'L: groups is 2, expected a divisor of inChannels 4 and outChannels 5'],
    [0, 5, 1, 'L: inChannels is 0, expected a whole number ≥ 1'],
    [4, 0, 1, 'L: outChannels is 0, expected a whole number ≥ 1'],
    [4, 5, 0, 'L: groups is 0, expected a whole number ≥ 1'],
  ])('refuses %i → %i in %i', (from, to, groups, message) => {
    expect(() => checkChannels('L', from, to, groups)).toThrow(new RangeError(message))
  })
})

describe('lines', () => {
  test('with and without a batch axis', () => {
    expect(lineShape('L', [5, 2, 3])).toEqual([5, 2, 3])
    expect(lineShape('L', [2, 3])).toEqual([1, 2, 3])
    expect(lineShape('L', [0, 2, 3])).toEqual([0, 2, 3])
  })

  test.each([
    [[3], 'L: input has rank 1, expected [N,C,L] or [C,L] (input shape [3])'],
    [[1, 2, 3, 4], 'L: input has rank 4, expected [N,C,L] or [C,L] (input shape [1,2,3,4])'],
    [[5, 0, 3], 'L: input has an empty axis besides the batch (input shape [5,0,3])'],
    [[5, 2, 0], 'L: input has an empty axis besides the batch (input shape [5,2,0])'],
    [[2, 0], 'L: input has an empty axis besides the batch (input shape [2,0])'],
  ])('refuses %j', (shape, message) => {
    expect(() => lineShape('L', shape)).toThrow(new RangeError(message))
  })
})

describe('images', () => {
  test('with and without a batch axis', () => {
    expect(imageShape('L', [5, 2, 3, 4])).toEqual([5, 2, 3, 4])
    expect(imageShape('L', [2, 3, 4])).toEqual([1, 2, 3, 4])
    expect(imageShape('L', [0, 2, 3, 4])).toEqual([0, 2, 3, 4])
    expect(imageLike([5, 2, 3, 4], 5, 7, 8, 9)).toEqual([5, 7, 8, 9])
    expect(imageLike([2, 3, 4], 1, 7, 8, 9)).toEqual([7, 8, 9])
  })

  test.each([
    [[3, 4], 'L: input has rank 2, expected [N,C,H,W] or [C,H,W] (input shape [3,4])'],
    [[1, 2, 3, 4, 5], 'L: input has rank 5, expected [N,C,H,W] or [C,H,W] (input shape [1,2,3,4,5])'],
    [[5, 0, 3, 4], 'L: input has an empty axis besides the batch (input shape [5,0,3,4])'],
    [[5, 2, 0, 4], 'L: input has an empty axis besides the batch (input shape [5,2,0,4])'],
    [[2, 3, 0], 'L: input has an empty axis besides the batch (input shape [2,3,0])'],
  ])('refuses %j', (shape, message) => {
    expect(() => imageShape('L', shape)).toThrow(new RangeError(message))
  })

  test('an error gets the layer’s name and the shape around it', () => {
    const cause = new Error('too small')
    const fail = (): never => {
      throw cause
    }
    expect(inLayer('L', [1, 2], () => 7)).toBe(7)
    const attempt = (): number => inLayer('L', [1, 2], fail)
    expect(attempt).toThrow(new RangeError('L: too small (input shape [1,2])', { cause }))
    expect(attempt).toThrow(RangeError)
  })
})
