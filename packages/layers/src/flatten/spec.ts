import type { ErrorCase, ModuleCase, ModuleSpec, Options } from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { Flatten } from './flatten.ts'
import { mutants } from './mutants.ts'

const of = (name: string, shape: readonly number[], options: Options = {}): ModuleCase => ({
  name,
  options,
  inputs: { x: { shape } },
})

const error = (name: string, shape: readonly number[], options: Options, message: string): ErrorCase => ({
  ...of(name, shape, options),
  message,
})

/** The cases of {@link Flatten}: every pair of axes that can be joined. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Flatten',
  torch: 'nn.Flatten',
  derivation,
  exact: true,
  mutants,
  create: (_args, options) => new Flatten(options),
  linear: ['x'],
  cases: [
    of('images', [2, 3, 5, 4]),
    of('matrix', [3, 4]),
    of('vector-from-0', [5], { startDim: 0 }),
    of('all', [2, 3, 5, 4], { startDim: 0 }),
    of('first-two', [2, 3, 5, 4], { startDim: 0, endDim: 1 }),
    of('middle', [2, 3, 5, 4], { startDim: 1, endDim: 2 }),
    of('last-two', [2, 3, 5, 4], { startDim: -2 }),
    of('one-axis', [2, 3, 5, 4], { startDim: 2, endDim: 2 }),
    of('negative-both', [2, 3, 5, 4], { startDim: -3, endDim: -2 }),
    of('three-axes', [4, 3, 2]),
    of('five-axes', [2, 3, 1, 5, 4], { endDim: 3 }),
    of('one-image', [1, 3, 5, 4]),
    of('scalar', [], { startDim: 0 }),
    { ...of('empty-batch', [0, 3, 5, 4]), expect: { dx: { zero: 'the batch is empty' } } },
    {
      name: 'nan-and-infinities',
      inputs: { x: { shape: [2, 3, 4], plant: { 1: Number.NaN, 5: Infinity, 8: -Infinity, 9: -0 } } },
      noDifferences: 'NaN and infinities',
    },
  ],
  errors: [
    error(
      'start-after-end',
      [2, 3, 4],
      { startDim: 2, endDim: 1 },
      'Flatten(2, 1): startDim comes after endDim (input shape [2,3,4])',
    ),
    error(
      'axis-beyond-rank',
      [2, 3, 4],
      { startDim: 3 },
      'Flatten(3, -1): axis 3 is out of range, expected -3 to 2 (input shape [2,3,4])',
    ),
    error(
      'axis-before-rank',
      [2, 3, 4],
      { endDim: -4 },
      'Flatten(1, -4): axis -4 is out of range, expected -3 to 2 (input shape [2,3,4])',
    ),
    error('vector', [5], {}, 'Flatten(1, -1): axis 1 is out of range, expected -1 to 0 (input shape [5])'),
    error('fraction', [2, 3, 4], { startDim: 0.5 }, 'Flatten: startDim is 0.5, expected a whole number'),
    {
      name: 'integers',
      inputs: { x: { shape: [2, 3], fill: 'classes', classes: 4, dtype: 'int32' } },
      message: 'Flatten(1, -1): input is int32, expected float32 or float64',
      torchAccepts: 'torch flattens integers too, where no gradient exists',
    },
  ],
}
