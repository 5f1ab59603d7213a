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

test('what is refused', () => {
  expect(() => randomShift(-1, { fill: 0 })).toThrow('randomShift: max is -1, expected a whole number ≥ 0')
  expect(() => randomShift(0.5, { fill: 0 })).toThrow('max is 0.5')
  expect(() => randomShift(1, {} as { fill: number })).toThrow(
    'randomShift: give fill, the value around an image',
  )
  expect(() => randomShift(1, { fill: 0 })(new Float32Array(4), [4])).toThrow(
    'randomShift: samples are [4], expected images [C,H,W]',
  )
})
