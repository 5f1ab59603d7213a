import { describe, expect, test } from 'vitest'
import { checkOptions, describeValue, type OptionNames, Tensor } from './index.ts'

interface Options {
  stride?: number
  weightDecay?: number
  labelSmoothing?: number
  lr?: number
}
const names: OptionNames<Options> = { stride: null, weightDecay: null, labelSmoothing: null, lr: null }

/** A constructor of two arguments before its options. */
const make = (...args: unknown[]) => checkOptions('Thing', names, args, 2)
const problem = (...args: unknown[]): string => {
  try {
    make(...args)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message
  }
  return 'accepted'
}

describe('what is let through', () => {
  class Config {
    lr = 0.1
    ignored(): void {}
  }

  test.each([
    [[]],
    [[1, 2]],
    [[1, 2, undefined]],
    [[1, 2, {}]],
    [[1, 2, { stride: 0, lr: undefined }]],
    [[1, 2, Object.assign(Object.create(null), { weightDecay: 1 })]],
    [[1, 2, new Config()]],
  ])('%o', (args) => {
    expect(problem(...args)).toBe('accepted')
  })
})

describe('an option that does not exist is named, and what may have been meant', () => {
  const all = '(options: stride, weightDecay, labelSmoothing, lr)'

  test.each([
    ['weight_decay', ', did you mean weightDecay?'],
    ['weightdecay', ', did you mean weightDecay?'],
    ['wd', ', did you mean weightDecay?'],
    ['decay', ', did you mean weightDecay?'],
    ['label_smoothing', ', did you mean labelSmoothing?'],
    ['labelSmoothng', ', did you mean labelSmoothing?'],
    ['strides', ', did you mean stride?'],
    ['strdie', ', did you mean stride?'],
    ['learningRate', ', did you mean lr?'],
    ['learning_rate', ', did you mean lr?'],
    ['LR', ', did you mean lr?'],
    ['momentum', ''],
    ['st', ''],
    ['', ''],
  ])('%s', (name, meant) => {
    expect(problem(1, 2, { [name]: 1 })).toBe(`Thing: there is no option ${name}${meant} ${all}`)
  })

  test('two at once, and where there are no options at all', () => {
    expect(problem(1, 2, { lr: 1, padding: 1, weight_decay: 0 })).toBe(
      `Thing: there is no option padding ${all}; there is no option weight_decay, did you mean weightDecay? ${all}`,
    )
    expect(() => checkOptions('ReLU', {}, [{ inplace: true }], 0)).toThrow(
      'ReLU: there is no option inplace (it takes none)',
    )
  })
})

describe('what is no object of options', () => {
  test.each([
    [
      [1, 2, [1, 2, 3, 4]],
      'argument 3 is an array, expected an object of options, as { stride: [1, 2, 3, 4] }',
    ],
    [[1, 2, [1, 2, 3, 4, 5]], 'argument 3 is an array, expected an object of options, as { stride: … }'],
    [[1, 2, Math.max], 'argument 3 is the function max, expected an object of options, as { stride: … }'],
    [[1, 2, 5], 'argument 3 is 5, expected an object of options, as { stride: 5 }'],
    [[1, 2, 5, 0], 'argument 3 is 5, expected an object of options, as { stride: 5, weightDecay: 0 }'],
    [
      [1, 2, 'a', [1, 2]],
      "argument 3 is 'a', expected an object of options, as { stride: 'a', weightDecay: [1, 2] }",
    ],
    [[1, 2, null], 'argument 3 is null, expected an object of options, as { stride: null }'],
    [[1, 2, false], 'argument 3 is false, expected an object of options, as { stride: false }'],
    [[1, 2, [3, 3]], 'argument 3 is an array, expected an object of options, as { stride: [3, 3] }'],
    [[1, 2, 3n], 'argument 3 is 3n, expected an object of options, as { stride: 3n }'],
    [
      [1, 2, Float32Array.of(1)],
      'argument 3 is a Float32Array, expected an object of options, as { stride: … }',
    ],
    [[1, 2, new Map()], 'argument 3 is a Map, expected an object of options, as { stride: … }'],
    [
      [1, 2, new Tensor(Float32Array.of(1), [1])],
      'argument 3 is a Tensor, expected an object of options, as { stride: … }',
    ],
    [[1, 2, {}, 4], 'argument 4 is 4, expected nothing behind the options'],
    [[1, 2, undefined, 4], 'argument 4 is 4, expected nothing behind the options'],
  ])('%o', (args, message) => {
    expect(problem(...args)).toBe(`Thing: ${message}`)
  })

  test('where there are no options', () => {
    expect(() => checkOptions('ReLU', {}, [true], 0)).toThrow('ReLU: argument 1 is true, expected no option')
  })
})

test('describeValue names a value on one line', () => {
  class Own {
    readonly value = 1
  }
  const cases: [unknown, string][] = [
    [2, '2'],
    [-0.5, '-0.5'],
    [Number.NaN, 'NaN'],
    [5n, '5n'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['mean', "'mean'"],
    ['x'.repeat(50), `'${'x'.repeat(40)}…'`],
    [[1, 2], 'an array'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [new Own(), 'an Own'],
    [new Int16Array(1), 'an Int16Array'],
    [new Map(), 'a Map'],
    [Promise.resolve(), 'a Promise'],
    [Own, 'the function Own'],
    [() => {}, 'a function'],
    [Symbol('s'), 'Symbol(s)'],
  ]
  for (const [value, text] of cases) expect(describeValue(value)).toBe(text)
})
