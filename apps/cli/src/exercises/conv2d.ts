import { Conv2d } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'
import { drawn, layerCase } from './cases.ts'
import type { Case, Exercise } from './exercise.ts'

/** One image of one channel: a learner sees rows and columns alone. */
const flat = (t: Tensor): Tensor => (t.shape.length === 1 ? t : t.reshape(t.shape.slice(-2)))

interface Setting {
  readonly size: readonly [number, number]
  readonly kernel: readonly [number, number]
  readonly stride?: number
  readonly padding?: number
}

const cases =
  (wanted: string, settings: readonly Setting[]) =>
  (seed: number): Case[] =>
    settings.map(({ size, kernel, stride = 1, padding = 0 }, i) =>
      layerCase({
        name: `${size.join(' × ')}, kernel ${kernel.join(' × ')}, stride ${stride}, padding ${padding}`,
        make: () => new Conv2d(1, 1, kernel, { stride, padding, dtype: 'float64' }),
        x: drawn([1, 1, ...size], seed + i),
        seed: seed + 10 * i,
        wanted: [wanted],
        settings: { s: stride, p: padding },
        view: flat,
      }),
    )

const plain: readonly Setting[] = [
  { size: [5, 6], kernel: [3, 2] },
  { size: [4, 7], kernel: [2, 3] },
]
const padded: readonly Setting[] = [
  { size: [5, 4], kernel: [3, 2], padding: 1 },
  { size: [4, 6], kernel: [2, 3], padding: 1 },
]
const strided: readonly Setting[] = [
  { size: [7, 8], kernel: [3, 2], stride: 2, padding: 1 },
  { size: [6, 9], kernel: [2, 3], stride: 3, padding: 1 },
]

const inputs = { x: 'number[][]', w: 'number[][]', b: 'number[]', dy: 'number[][]', s: 'number', p: 'number' }
const shapes =
  'One image, one channel: y[h][v] = Σ w[i][j] · x[h·s + i − p][v·s + j − p] + b[0], with 0 outside x.'

const dwBody = `const [K, J] = [w.length, w[0].length]
const dw = w.map((row) => row.map(() => 0))
for (let h = 0; h < dy.length; h++)
  for (let v = 0; v < dy[0].length; v++)
    for (let i = 0; i < K; i++)
      for (let j = 0; j < J; j++) {
        const [a, e] = [h * s + i - p, v * s + j - p]
        if (a >= 0 && e >= 0 && a < x.length && e < x[0].length) dw[i][j] += dy[h][v] * x[a][e]
      }
return { dw }`

const dxBody = `const dx = x.map((row) => row.map(() => 0))
for (let h = 0; h < dy.length; h++)
  for (let v = 0; v < dy[0].length; v++)
    for (let i = 0; i < w.length; i++)
      for (let j = 0; j < w[0].length; j++) {
        const [a, e] = [h * s + i - p, v * s + j - p]
        if (a >= 0 && e >= 0 && a < x.length && e < x[0].length) dx[a][e] += dy[h][v] * w[i][j]
      }
return { dx }`

const notTurned = {
  says: 'the kernel is not turned: from the side of a cell of x, the taps count backwards',
  find: 'dy[h][v] * w[i][j]',
  replace: 'dy[h][v] * w[w.length - 1 - i][w[0].length - 1 - j]',
}
const overwrites = {
  says: 'windows overlap, and the last one overwrites the others: = in place of +=',
  find: 'dx[a][e] +=',
  replace: 'dx[a][e] =',
}
const noPadding = {
  says: 'the padding is forgotten',
  find: '[h * s + i - p, v * s + j - p]',
  replace: '[h * s + i, v * s + j]',
}
const noStride = {
  says: 'the stride is forgotten',
  find: '[h * s + i - p, v * s + j - p]',
  replace: '[h + i - p, v + j - p]',
}
const strideOfRows = { says: 'the stride is taken for the rows only', find: 'v * s + j', replace: 'v + j' }

/** A convolution of one channel, from the bias to dx with stride and padding. */
export const exercises: readonly Exercise[] = [
  {
    id: 'conv2d-forward',
    title: 'the forward pass of a convolution',
    task: `${shapes}\nHere s = 1 and p = 0. Give y. (dy is not needed.)`,
    inputs,
    outputs: { y: 'number[][]' },
    hints: ['Output (h, v) reads the window that starts at row h and column v.', 'y has H − K + 1 rows.'],
    solution: `const [K, J] = [w.length, w[0].length]
const y = []
for (let h = 0; h + K <= x.length; h++) {
  y.push([])
  for (let v = 0; v + J <= x[0].length; v++) {
    let sum = b[0]
    for (let i = 0; i < K; i++) for (let j = 0; j < J; j++) sum += w[i][j] * x[h + i][v + j]
    y[h].push(sum)
  }
}
return { y }`,
    mistakes: [
      {
        says: 'the kernel is turned: that is the convolution of mathematics, not the one of neural networks',
        find: 'w[i][j]',
        replace: 'w[K - 1 - i][J - 1 - j]',
      },
      { says: 'the bias is forgotten', find: 'let sum = b[0]', replace: 'let sum = 0' },
      {
        says: 'the last row is missing: H − K + 1 windows fit',
        find: 'h + K <= x.length',
        replace: 'h + K < x.length',
      },
    ],
    cases: cases('y', plain),
  },
  {
    id: 'conv2d-db',
    title: 'the gradient of the bias of a convolution',
    task: `${shapes}\nGive db, a list of one number.`,
    inputs,
    outputs: { db: 'number[]' },
    hints: ['The bias is added to every output.', 'So it gathers the gradient of every output.'],
    solution: `let sum = 0
for (const row of dy) for (const value of row) sum += value
return { db: [sum] }`,
    mistakes: [
      {
        says: 'it is the mean of dy, not the sum',
        find: 'sum += value',
        replace: 'sum += value / (dy.length * dy[0].length)',
      },
      {
        says: 'only the last output is counted: = in place of +=',
        find: 'sum += value',
        replace: 'sum = value',
      },
    ],
    cases: cases('db', padded),
  },
  {
    id: 'conv2d-dw',
    title: 'the gradient of the weight of a convolution',
    task: `${shapes}\nHere s = 1 and p = 0. Give dw, of the shape of w.`,
    inputs,
    outputs: { dw: 'number[][]' },
    hints: [
      'w[i][j] takes part in every output; what did it meet there?',
      'dw[i][j] = Σ over h, v of dy[h][v] · x[h + i][v + j]',
    ],
    solution: dwBody,
    mistakes: [
      {
        says: 'dw comes out turned: only in dx do the taps count backwards',
        find: 'dw[i][j] +=',
        replace: 'dw[K - 1 - i][J - 1 - j] +=',
      },
      {
        says: 'only the last output is counted: = in place of +=',
        find: 'dw[i][j] +=',
        replace: 'dw[i][j] =',
      },
      {
        says: 'it is the mean over the outputs, not the sum',
        find: 'dy[h][v] * x[a][e]',
        replace: '(dy[h][v] * x[a][e]) / (dy.length * dy[0].length)',
      },
    ],
    cases: cases('dw', plain),
  },
  {
    id: 'conv2d-dx',
    title: 'the gradient of the input of a convolution',
    task: `${shapes}\nHere s = 1 and p = 0. Give dx, of the shape of x.`,
    inputs,
    outputs: { dx: 'number[][]' },
    hints: [
      'Which outputs read x[a][e], and with which weight?',
      'Output h reads row a through tap i when h + i = a.',
      'Walk through outputs and taps, and add dy[h][v] · w[i][j] to dx[h + i][v + j].',
    ],
    solution: dxBody,
    mistakes: [notTurned, overwrites],
    cases: cases('dx', plain),
  },
  {
    id: 'conv2d-dx-padding',
    title: 'dx of a convolution with padding',
    task: `${shapes}\nHere s = 1. Give dx, of the shape of x.`,
    inputs,
    outputs: { dx: 'number[][]' },
    hints: [
      'Padding cells are not part of x: drop their gradient.',
      'The row that tap i of output h reads is h + i − p.',
    ],
    solution: dxBody,
    mistakes: [noPadding, notTurned, overwrites],
    cases: cases('dx', padded),
  },
  {
    id: 'conv2d-dx-stride',
    title: 'dx of a convolution with stride and padding',
    task: `${shapes}\nGive dx, of the shape of x.`,
    inputs,
    outputs: { dx: 'number[][]' },
    hints: [
      'The row that tap i of output h reads is h·s + i − p.',
      'A row that no window reads must be there, and be 0.',
    ],
    solution: dxBody,
    mistakes: [noStride, strideOfRows, noPadding, notTurned],
    cases: cases('dx', strided),
  },
  {
    id: 'conv2d-dw-stride',
    title: 'dw of a convolution with stride and padding',
    task: `${shapes}\nGive dw, of the shape of w.`,
    inputs,
    outputs: { dw: 'number[][]' },
    hints: ['The cells of dy lie s apart on the image.', 'What lies in the padding is 0.'],
    solution: dwBody,
    mistakes: [noStride, strideOfRows, noPadding],
    cases: cases('dw', strided),
  },
]
