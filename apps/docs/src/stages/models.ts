import { conv1d } from '../explorers/conv1d.ts'
import { dropout } from '../explorers/dropout.ts'
import type { Explorer } from '../explorers/explorer.ts'
import { flatten } from '../explorers/flatten.ts'
import { linear } from '../explorers/linear.ts'
import { maxPool2d } from '../explorers/max-pool2d.ts'
import type { RouteModel } from './routes.ts'

const starting = ({ options }: Explorer): Record<string, never> =>
  Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value])) as Record<
    string,
    never
  >

function model(explorer: unknown, title: string, views: RouteModel['views'], set: object = {}): RouteModel {
  const own = explorer as Explorer
  return { explorer: own, title, views, options: { ...starting(own), ...set } }
}

/** A linear layer as its three products. */
export const linearStage: RouteModel = model(linear, 'Linear', [
  { title: 'Forward: x wᵀ', grids: ['x', 'w', 'y'], target: 'y' },
  { title: 'Back: dx = dy w', grids: ['dy', 'w', 'dx'], target: 'dx' },
  { title: 'Back: dw = dyᵀ x', grids: ['dy', 'x', 'dw'], target: 'dw' },
])

/** A convolution of a line: the kernel lies on each window, and turned on dy. */
export const conv1dStage: RouteModel = model(conv1d, 'Conv1d', [
  { title: 'Forward: y', grids: ['x', 'w', 'y'], target: 'y' },
  { title: 'Back: dx', grids: ['dy', 'w', 'dx'], target: 'dx' },
  { title: 'Back: dw', grids: ['dy', 'x', 'dw'], target: 'dw' },
])

/** Max-pooling: which cell won, and who is paid; windows that overlap, so that one may win twice. */
export const maxPool2dStage: RouteModel = model(
  maxPool2d,
  'MaxPool2d',
  [
    { title: 'Forward: who wins?', grids: ['x', 'y'], target: 'y' },
    { title: 'Back: who is paid?', grids: ['dy', 'dx'], target: 'dx' },
  ],
  { kernel: 3 },
)

/** Dropout: one mask, both ways. */
export const dropoutStage: RouteModel = model(dropout, 'Dropout', [
  { title: 'Forward', grids: ['x', 'm', 'y'], target: 'y' },
  { title: 'Back: the same mask', grids: ['dy', 'm', 'dx'], target: 'dx' },
])

/** Flatten: new names, and back. */
export const flattenStage: RouteModel = model(flatten, 'Flatten', [
  { title: 'Forward', grids: ['x', 'y'], target: 'y' },
  { title: 'Back', grids: ['dy', 'dx'], target: 'dx' },
])
