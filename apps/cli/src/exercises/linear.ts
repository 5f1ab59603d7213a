import { Linear } from '@handgrad/layers'
import { drawn, layerCase } from './cases.ts'
import type { Case, Exercise } from './exercise.ts'

const cases =
  (wanted: string) =>
  (seed: number): Case[] =>
    [
      [3, 4, 5],
      [2, 6, 3],
      [4, 3, 2],
    ].map(([M, I, O], i) =>
      layerCase({
        name: `${M} samples, ${I} features to ${O}`,
        make: () => new Linear(I, O, { dtype: 'float64' }),
        x: drawn([M, I], seed + i),
        seed: seed + 10 * i,
        wanted: [wanted],
      }),
    )
const inputs = { x: 'number[][]', w: 'number[][]', b: 'number[]', dy: 'number[][]' }
const shapes = 'y = x wᵀ + b; x is [M][I], w is [O][I] (a row per output), b is [O], dy is [M][O].'

/** The three gradients of a linear layer. */
export const exercises: readonly Exercise[] = [
  {
    id: 'linear-db',
    title: 'the gradient of the bias of a linear layer',
    task: `${shapes}\nGive db, [O].`,
    inputs,
    outputs: { db: 'number[]' },
    hints: [
      'The bias is added to every row.',
      'So its gradient is a sum over the rows.',
      'db[o] = Σ over m of dy[m][o]',
    ],
    solution: `const db = dy[0].map(() => 0)
for (let m = 0; m < dy.length; m++)
  for (let o = 0; o < db.length; o++) db[o] += dy[m][o]
return { db }`,
    mistakes: [
      {
        says: 'you divided by N: the mean over the batch belongs to the loss, not to the layer',
        find: 'db[o] += dy[m][o]',
        replace: 'db[o] += dy[m][o] / dy.length',
      },
      {
        says: 'only the last row is counted: = in place of +=',
        find: 'db[o] += dy[m][o]',
        replace: 'db[o] = dy[m][o]',
      },
      { says: 'the first row is left out', find: 'let m = 0', replace: 'let m = 1' },
    ],
    cases: cases('db'),
  },
  {
    id: 'linear-dw',
    title: 'the gradient of the weight of a linear layer',
    task: `${shapes}\nGive dw, [O][I].`,
    inputs,
    outputs: { dw: 'number[][]' },
    hints: [
      'In which outputs does w[o][i] take part? With what factor?',
      'In output o of every row m, with x[m][i].',
      'dw[o][i] = Σ over m of dy[m][o] · x[m][i]',
    ],
    solution: `const dw = w.map((row) => row.map(() => 0))
for (let m = 0; m < x.length; m++)
  for (let o = 0; o < w.length; o++)
    for (let i = 0; i < x[0].length; i++) dw[o][i] += dy[m][o] * x[m][i]
return { dw }`,
    mistakes: [
      {
        says: 'you divided by N: the mean over the batch belongs to the loss, not to the layer',
        find: 'dy[m][o] * x[m][i]',
        replace: 'dy[m][o] * x[m][i] / x.length',
      },
      {
        says: 'only the last sample is counted: = in place of +=',
        find: 'dw[o][i] +=',
        replace: 'dw[o][i] =',
      },
      {
        says: 'the axes are swapped: dw has the shape of w, a row per output',
        find: 'return { dw }',
        replace: 'return { dw: dw[0].map((_, i) => dw.map((row) => row[i])) }',
      },
    ],
    cases: cases('dw'),
  },
  {
    id: 'linear-dx',
    title: 'the gradient of the input of a linear layer',
    task: `${shapes}\nGive dx, [M][I].`,
    inputs,
    outputs: { dx: 'number[][]' },
    hints: [
      'In which outputs does x[m][i] take part?',
      'In every output o of its own row, with w[o][i].',
      'dx[m][i] = Σ over o of dy[m][o] · w[o][i]',
    ],
    solution: `const dx = x.map((row) => row.map(() => 0))
for (let m = 0; m < x.length; m++)
  for (let i = 0; i < x[0].length; i++)
    for (let o = 0; o < w.length; o++) dx[m][i] += dy[m][o] * w[o][i]
return { dx }`,
    mistakes: [
      {
        says: 'the bias is no part of dx: what is added does not scale the slope',
        find: 'dy[m][o] * w[o][i]',
        replace: 'dy[m][o] * (w[o][i] + b[o])',
      },
      {
        says: 'only the last output is counted: = in place of +=',
        find: 'dx[m][i] +=',
        replace: 'dx[m][i] =',
      },
      { says: 'every row got the gradient of the first one', find: 'dy[m][o] * w', replace: 'dy[0][o] * w' },
    ],
    cases: cases('dx'),
  },
]
