import { Dropout, Flatten, ReLU } from '@handgrad/layers'
import { Generator, ones, tensor } from '@handgrad/tensor'
import { drawn, layerCase, nested } from './cases.ts'
import type { Case, Exercise } from './exercise.ts'

const reluCases = (seed: number): Case[] =>
  [
    [3, 5],
    [4, 2],
  ].map((shape, i) => {
    const x = drawn(shape, seed + i)
    // Exactly at the corner, and in a place that depends on the seed.
    x.data[(seed + i) % x.data.length] = 0
    return layerCase({ name: shape.join(' × '), make: () => new ReLU(), x, seed: seed + i, wanted: ['dx'] })
  })

const flattenCases = (seed: number): Case[] =>
  [
    [2, 3, 2, 4],
    [3, 2, 4, 3],
  ].map((shape, i) =>
    layerCase({
      name: shape.join(' × '),
      make: () => new Flatten(),
      x: drawn(shape, seed + i),
      seed: seed + i,
      wanted: ['dx'],
    }),
  )

const dropoutCases = (seed: number): Case[] =>
  [0.25, 0.5].map((p, i) => {
    const shape = [3, 7]
    const make = (): Dropout => new Dropout(p, { generator: new Generator(seed + i) })
    // What the same draw makes of ones, without its scale.
    const kept = make().forward(ones(shape, { dtype: 'float64' }))
    const mask = tensor(
      Float64Array.from(kept.data, (value) => (value === 0 ? 0 : 1)),
      shape,
    )
    const { slope: _slope, ...found } = layerCase({
      name: `p = ${p}`,
      make,
      x: drawn(shape, seed + i),
      seed: seed + i,
      wanted: ['dx'],
      settings: { mask: nested(mask), p },
    })
    return found
  })

const inputs = { x: 'number[][]', dy: 'number[][]' }

/** What looks at each number alone, or only renames it. */
export const exercises: readonly Exercise[] = [
  {
    id: 'relu-dx',
    title: 'the gradient of ReLU',
    task: 'y = x where x is above 0, else 0; x and dy are [M][I].\nGive dx, [M][I]. At 0 itself the gradient is 0, as in PyTorch.',
    inputs,
    outputs: { dx: 'number[][]' },
    hints: ['The slope is 1 where x is above 0.', 'dx[m][i] = dy[m][i] where x[m][i] > 0, else 0'],
    solution: `const dx = x.map((row) => row.map(() => 0))
for (let m = 0; m < x.length; m++)
  for (let i = 0; i < x[m].length; i++) if (x[m][i] > 0) dx[m][i] = dy[m][i]
return { dx }`,
    mistakes: [
      {
        says: 'at exactly 0 the gradient passes; the convention is 0',
        find: 'x[m][i] > 0',
        replace: 'x[m][i] >= 0',
      },
      {
        says: 'the mask comes from dy: it must come from x',
        find: 'if (x[m][i] > 0)',
        replace: 'if (dy[m][i] > 0)',
      },
      { says: 'x passes in place of dy', find: '= dy[m][i]', replace: '= x[m][i]' },
      { says: 'nothing is stopped: there is no mask', find: 'if (x[m][i] > 0) ', replace: '' },
    ],
    cases: reluCases,
  },
  {
    id: 'flatten-dx',
    title: 'the gradient of Flatten',
    task: 'y[n] is image n as one row: channel first, then rows, then columns. x is [N][C][H][W], dy is [N][C·H·W].\nGive dx, [N][C][H][W].',
    inputs: { x: 'number[][][][]', dy: 'number[][]' },
    outputs: { dx: 'number[][][][]' },
    hints: [
      'Each output is one input: send its gradient back to where it came from.',
      'The place of x[n][c][h][w] in its row is (c·H + h)·W + w.',
    ],
    solution: `const [H, W] = [x[0][0].length, x[0][0][0].length]
const dx = x.map((image, n) =>
  image.map((plane, c) => plane.map((row, h) => row.map((_, w) => dy[n][(c * H + h) * W + w]))),
)
return { dx }`,
    mistakes: [
      {
        says: 'channels are taken last: the order is channel, row, column',
        find: '(c * H + h) * W + w',
        replace: '(h * W + w) * x[0].length + c',
      },
      { says: 'rows and columns are swapped', find: '(c * H + h) * W + w', replace: '(c * W + w) * H + h' },
      { says: 'every image got the gradient of the first one', find: 'dy[n]', replace: 'dy[0]' },
    ],
    cases: flattenCases,
  },
  {
    id: 'dropout-dx',
    title: 'the gradient of Dropout',
    task: 'In training, y = x · mask / (1 − p); mask is 0 or 1. x, mask and dy are [M][I], p is a number.\nGive dx, [M][I].',
    inputs: { ...inputs, mask: 'number[][]', p: 'number' },
    outputs: { dx: 'number[][]' },
    hints: ['The mask is a constant.', 'The slope of an output by its own input is mask / (1 − p).'],
    solution: `const dx = dy.map((row, m) => row.map((value, i) => (value * mask[m][i]) / (1 - p)))
return { dx }`,
    mistakes: [
      {
        says: 'the scale 1/(1 − p) is forgotten',
        find: '(value * mask[m][i]) / (1 - p)',
        replace: 'value * mask[m][i]',
      },
      { says: 'it is divided by p in place of 1 − p', find: '/ (1 - p)', replace: '/ p' },
      { says: 'the mask is forgotten', find: '(value * mask[m][i])', replace: 'value' },
    ],
    cases: dropoutCases,
  },
]
