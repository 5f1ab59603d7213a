import { defaultGenerator, Generator, manualSeed } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import cases from '../../../../fixtures/data/shift.json' with { type: 'json' }
import { randomShift } from './random-shift.ts'

test.each(cases)('shifts $shape by up to $max with the draws of torch.randint', (c) => {
  const generator = new Generator(c.seed)
  const x = Float32Array.from(c.out, (_, i) => i + 1)
  randomShift(c.max, { fill: c.fill, generator })(x, c.shape.slice(1))
  expect([...x]).toEqual(c.out)
  expect(String(BigInt.asUintN(63, generator.random64()))).toBe(c.next)
})

test('a batch is drawn whole: halves of it, one after the other, get the same shifts', () => {
  const batch = () => Float32Array.from({ length: 4 * 30 }, (_, i) => i)
  const whole = batch()
  const halves = batch()
  randomShift(2, { fill: -1, generator: new Generator(8) })(whole, [1, 5, 6])
  const shift = randomShift(2, { fill: -1, generator: new Generator(8) })
  shift(halves.subarray(0, 60), [1, 5, 6])
  shift(halves.subarray(60), [1, 5, 6])
  expect(halves).toEqual(whole)
  expect(whole).not.toEqual(batch())
})

test('draws from the default generator unless told', () => {
  manualSeed(1)
  const before = defaultGenerator.getState()
  randomShift(1, { fill: 0 })(new Float32Array(4), [1, 2, 2])
  expect(defaultGenerator.getState()).not.toEqual(before)
})

test('each image has its own shift, also in a batch that is larger than those before', () => {
  const shift = randomShift(1, { fill: -1, generator: new Generator(3) })
  const oneByOne = randomShift(1, { fill: -1, generator: new Generator(3) })
  for (const N of [1, 4, 9, 2]) {
    const x = Float32Array.from({ length: N * 12 }, (_, i) => i)
    const y = x.slice()
    shift(x, [1, 3, 4])
    for (let n = 0; n < N; n++) oneByOne(y.subarray(12 * n, 12 * (n + 1)), [1, 3, 4])
    expect(x).toEqual(y)
  }
})

// Down 1 and right 1 by hand, in two channels: what leaves one row or plane never comes into another.
test('moves down and right, and fills above and left', () => {
  const shiftOf = (word: number) => Object.assign(new Generator(0), { random32: () => word })
  const x = () => Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
  const moved = x()
  randomShift(1, { fill: 0, generator: shiftOf(2) })(moved, [2, 2, 3])
  expect([...moved]).toEqual([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7, 8])
  const back = x()
  randomShift(1, { fill: 0, generator: shiftOf(0) })(back, [2, 2, 3])
  expect([...back]).toEqual([5, 6, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0])
  const still = x()
  randomShift(1, { fill: 0, generator: shiftOf(1) })(still, [2, 2, 3])
  expect(still).toEqual(x())
})

// Beside each that leaves its place altogether lies one that stays.
test('an image that is moved out, whichever way, leaves its neighbours alone', () => {
  const still = [5, 5]
  for (const away of [
    [5, 0],
    [5, 10],
    [0, 5],
    [10, 5],
    [0, 0],
    [10, 10],
  ]) {
    const words = [still, away, still].flat()
    const generator = Object.assign(new Generator(0), { random32: () => words.shift()! })
    const x = Float32Array.from({ length: 18 }, (_, i) => i)
    randomShift(5, { fill: -1, generator })(x, [1, 2, 3])
    expect([...x]).toEqual([0, 1, 2, 3, 4, 5, -1, -1, -1, -1, -1, -1, 12, 13, 14, 15, 16, 17])

    words.push(...away, ...Array.from({ length: 9 }, () => still).flat())
    const first = Float32Array.from({ length: 60 }, (_, i) => i)
    randomShift(5, { fill: -1, generator })(first, [1, 2, 3])
    expect([...first]).toEqual(Array.from({ length: 60 }, (_, i) => (i < 6 ? -1 : i)))
  }
})

test('what is refused', () => {
  expect(() => randomShift(-1, { fill: 0 })).toThrow('randomShift: max is -1, expected a whole number ≥ 0')
  expect(() => randomShift(0.5, { fill: 0 })).toThrow('max is 0.5')
  expect(() => randomShift(1, {} as { fill: number })).toThrow(
    'randomShift: give fill, the value around an image',
  )
  expect(() => randomShift(1, { fill: '0' } as object as { fill: number })).toThrow('randomShift: give fill')
  expect(() => Reflect.apply(randomShift, null, [1])).toThrow('randomShift: give fill')
  expect(() => Reflect.apply(randomShift, null, [1, 0])).toThrow(
    'randomShift: argument 2 is 0, expected an object of options, as { fill: 0 }',
  )
  const odd = { fill: 0, Generator: 1 } as { fill: number }
  expect(() => randomShift(1, odd)).toThrow('there is no option Generator, did you mean generator?')
  expect(() => randomShift(1, { fill: 0, generator: 5 as unknown as Generator })).toThrow(
    'randomShift: generator is 5, expected a Generator',
  )
  expect(() => randomShift(1, { fill: 0 })(new Float32Array(4), [1, 1, 2, 2])).toThrow(
    'randomShift: samples are [1,1,2,2], expected images [C,H,W]',
  )
  expect(() => randomShift(1, { fill: 0 })(new Float32Array(4), [4])).toThrow(
    'randomShift: samples are [4], expected images [C,H,W]',
  )
})
