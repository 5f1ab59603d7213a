import { expect, test } from 'vitest'
import { recordedChannel } from '../test/io.ts'
import type { Explanation } from './explain.ts'
import type { Part } from './explainer.ts'
import { classLines, numberText, partLines, printLayers } from './print.ts'

const wide = { terms: 2, columns: 80 }
const sum: Part = {
  name: 'y[3]',
  value: 0.75,
  terms: [
    { name: 'b[3]', value: 0.5 },
    { name: 'w[3,0]·x[0]', factors: [2, 3], value: 6 },
    { name: 'w[3,1]·x[1]', factors: [-2, 3], value: -6 },
    { name: 'w[3,2]·x[2]', factors: [0.5, 0.5], value: 0.25 },
  ],
}

test('numbers are short, and none looks like 0 that is not', () => {
  const texts = [0, 1.23456, -0.0012, 0.001, 0.00099, 99_999, 100_000, -1e-9].map(numberText)
  expect(texts).toEqual([
    '0.0000',
    '1.2346',
    '-0.0012',
    '0.0010',
    '9.90e-4',
    '99999.0000',
    '1.00e+5',
    '-1.00e-9',
  ])
})

test('the terms that weigh most in their order, and the sum of the others', () => {
  expect(partLines(sum, wide)).toEqual([
    '  y[3] = 0.7500, a sum of 4',
    '      w[3,0]·x[0]     6.0000  = 2.0000 · 3.0000',
    '    + w[3,1]·x[1]    -6.0000  = -2.0000 · 3.0000',
    '    + 2 others        0.7500',
  ])
  expect(partLines(sum, { ...wide, terms: 3 }).slice(1)).toEqual([
    '      b[3]            0.5000',
    '    + w[3,0]·x[0]     6.0000  = 2.0000 · 3.0000',
    '    + w[3,1]·x[1]    -6.0000  = -2.0000 · 3.0000',
    '    + 1 other         0.2500',
  ])
  expect(partLines(sum, { ...wide, terms: 4 })).toHaveLength(5)
})

test('factors are left out where there is no room', () => {
  const widths = (columns: number): number =>
    Math.max(...partLines(sum, { terms: 2, columns }).map(({ length }) => length))
  expect([widths(48), widths(47)]).toEqual([48, 47])
  expect(widths(46)).toBe(28)
})

test('what is 0 takes no line, but for one where all are', () => {
  const zero = (n: number): Part['terms'] =>
    Array.from({ length: n }, (_, i) => ({ name: `w[${i}]`, value: 0 }))
  expect(
    partLines({ name: 'y', value: 2, terms: [{ name: 'b', value: 2 }, ...zero(3)!] }, wide).slice(1),
  ).toEqual(['      b     2.0000', '    + 3 others, all 0'])
  expect(partLines({ name: 'y', value: 0, terms: zero(2)! }, wide).slice(1)).toEqual([
    '      w[0]     0.0000',
    '    + 1 other, all 0',
  ])
})

test('a rule, grids, and one term', () => {
  const grid = {
    title: 'its window',
    rows: [
      [1, null],
      [-2.5, 0],
    ],
  }
  const part = {
    name: 'y[0]',
    value: 1,
    rule: 'so it is',
    grids: [grid],
    terms: [{ name: 'x[0]', value: 1 }],
  }
  expect(partLines(part, wide)).toEqual([
    '  y[0] = 1.0000',
    '    so it is',
    '    its window:',
    '       1.0000  outside',
    '      -2.5000   0.0000',
    '      x[0]     1.0000',
  ])
  const long = { title: 'a row', rows: [[1, 2, 3]] }
  expect(partLines({ name: 'y', value: 1, grids: [long] }, { terms: 1, columns: 23 })[2]).toBe(
    '       1.0000   2.0000 …',
  )
  expect(partLines({ name: 'y', value: 1, grids: [long] }, { terms: 1, columns: 31 })[2]).toBe(
    '       1.0000   2.0000   3.0000',
  )
  expect(partLines({ name: 'y', value: 1, grids: [long] }, { terms: 1, columns: 5 })[2]).toBe(
    '       1.0000 …',
  )
})

test('layers in both orders', () => {
  const step = (name: string) => ({
    name,
    layer: `Layer${name}`,
    at: [0],
    from: [0],
    forward: [{ name: 'y', value: 1 }],
    backward: [
      { name: 'dx', value: 2 },
      { name: 'dw', value: 3 },
    ],
  })
  const told = (way: 'forward' | 'backward'): string => {
    const out = recordedChannel()
    printLayers(out, [step('0'), step('1')], wide, way)
    return out.text
  }
  expect(told('forward')).toBe('\n<bold>0 Layer0</>\n  y = 1.0000\n\n<bold>1 Layer1</>\n  y = 1.0000\n')
  expect(told('backward')).toBe(
    '\n<bold>1 Layer1</>\n  dx = 2.0000\n  dw = 3.0000\n\n<bold>0 Layer0</>\n  dx = 2.0000\n  dw = 3.0000\n',
  )
})

test('classes, the loss, and what is left out where there is no room', () => {
  const explanation: Explanation = {
    loss: 0.25,
    predicted: 0,
    followed: 1,
    layers: [],
    classes: [
      { logit: 1, exp: 0.5, probability: 0.2, gradient: 0.2 },
      { logit: 2, exp: 1, probability: 0.8, gradient: -0.2 },
    ],
  }
  expect(classLines(explanation, ['cat', 'marmot'], 1, 48)).toEqual([
    '  class      logit   e^(l-m)     share    dlogit',
    '  cat       1.0000    0.5000    0.2000    0.2000',
    '> marmot    2.0000    1.0000    0.8000   -0.2000',
    '  the sum of e^(l-m) is 1.5000; m is the largest logit',
    '  loss = -ln 0.8000 = 0.2500',
    '  dlogit = share - 1 for marmot, share for the others',
  ])
  expect(classLines(explanation, ['cat', 'marmot'], 1, 47).slice(0, 2)).toEqual([
    '  class      logit     share    dlogit',
    '  cat       1.0000    0.2000    0.2000',
  ])
})
