import { MaxPool2d } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'
import { drawn, layerCase } from './cases.ts'
import type { Case, Exercise } from './exercise.ts'

const flat = (t: Tensor): Tensor => t.reshape(t.shape.slice(-2))

/** Small whole numbers, so that cells tie. */
function tied(shape: readonly number[], seed: number): Tensor {
  const x = drawn(shape, seed)
  for (let i = 0; i < x.data.length; i++) x.data[i] = Math.round(x.data[i])
  return x
}

const cases =
  (settings: readonly (readonly [rows: number, columns: number, K: number, s: number])[]) =>
  (seed: number): Case[] =>
    settings.map(([rows, columns, K, s], i) => {
      const { slope: _slope, ...found } = layerCase({
        name: `${rows} × ${columns}, window ${K}, stride ${s}, with ties`,
        make: () => new MaxPool2d(K, { stride: s }),
        x: tied([1, 1, rows, columns], seed + i),
        seed: seed + i,
        wanted: ['dx'],
        settings: { K, s },
        view: flat,
      })
      return found
    })

const solution = `const dx = x.map((row) => row.map(() => 0))
for (let h = 0; h < dy.length; h++)
  for (let v = 0; v < dy[0].length; v++) {
    let [a, e] = [h * s, v * s]
    for (let i = 0; i < K; i++)
      for (let j = 0; j < K; j++) if (x[h * s + i][v * s + j] > x[a][e]) [a, e] = [h * s + i, v * s + j]
    dx[a][e] += dy[h][v]
  }
return { dx }`
const lastWins = {
  says: 'the last of equal cells won: the first one must',
  find: '> x[a][e]',
  replace: '>= x[a][e]',
}
const everyTie = {
  says: 'every tie was paid: the first of equal cells gets all of it',
  find: 'dx[a][e] += dy[h][v]',
  replace: `for (let i = 0; i < K; i++)
      for (let j = 0; j < K; j++) if (x[h * s + i][v * s + j] === x[a][e]) dx[h * s + i][v * s + j] += dy[h][v]`,
}

/** Who is paid by a maximum. */
export const exercises: readonly Exercise[] = [
  {
    id: 'max-pool-dx',
    title: 'the gradient of max-pooling',
    task: 'One image, one channel: y[h][v] is the maximum of the K × K window that starts at row h·s and column v·s.\nOf equal cells the first in reading order wins. Give dx, of the shape of x. Here windows do not overlap.',
    inputs: { x: 'number[][]', dy: 'number[][]', K: 'number', s: 'number' },
    outputs: { dx: 'number[][]' },
    hints: [
      'A maximum moves as its largest cell does.',
      'Find the first largest cell of each window and give it all of dy[h][v].',
    ],
    solution,
    mistakes: [
      lastWins,
      everyTie,
      {
        says: 'the whole window was paid, not the maximum alone',
        find: 'dx[a][e] += dy[h][v]',
        replace:
          'for (let i = 0; i < K; i++) for (let j = 0; j < K; j++) dx[h * s + i][v * s + j] += dy[h][v]',
      },
    ],
    cases: cases([
      [4, 6, 2, 2],
      [6, 9, 3, 3],
    ]),
  },
  {
    id: 'max-pool-dx-overlap',
    title: 'the gradient of max-pooling with windows that overlap',
    task: 'As before, but the stride s may be smaller than K: a cell may win several windows.\nGive dx, of the shape of x.',
    inputs: { x: 'number[][]', dy: 'number[][]', K: 'number', s: 'number' },
    outputs: { dx: 'number[][]' },
    hints: ['A cell that wins twice is paid twice.', '+=, not ='],
    solution,
    mistakes: [
      {
        says: 'a cell that won twice was paid once: = in place of +=',
        find: 'dx[a][e] += dy[h][v]',
        replace: 'dx[a][e] = dy[h][v]',
      },
      lastWins,
      everyTie,
    ],
    cases: cases([
      [5, 7, 3, 1],
      [5, 7, 3, 2],
    ]),
  },
]
