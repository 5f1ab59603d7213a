import {
  type Argument,
  combinations,
  type ErrorCase,
  fromTorch,
  type ModuleCase,
  type ModuleSpec,
  type Options,
} from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { Linear } from './linear.ts'
import { mutants } from './mutants.ts'

const nothing = 'the batch is empty'
const empty = { dx: { zero: nothing }, dweight: { zero: nothing }, dbias: { zero: nothing } }
const emptyWithoutBias = { dx: { zero: nothing }, dweight: { zero: nothing } }

/** torch's samples for linear: features × batch shapes × bias, and one of five axes. */
const samples: readonly ModuleCase[] = [
  ...combinations({
    bias: [true, false],
    features: [
      [3, 4],
      [8, 8],
    ],
    batch: [[], [0], [8], [2, 3]],
  }).map(
    ({ bias, features, batch }): ModuleCase => ({
      name: `${features.join('-')}-batch-${batch.join('-') || 'none'}${bias ? '' : '-no-bias'}`,
      args: features,
      options: { bias },
      inputs: { x: { shape: [...batch, features[0]], fill: 'uniform' } },
      ...(batch[0] === 0 ? { expect: bias ? empty : emptyWithoutBias } : {}),
    }),
  ),
  ...[true, false].map(
    (bias): ModuleCase => ({
      name: `five-axes${bias ? '' : '-no-bias'}`,
      args: [2, 4],
      options: { bias },
      inputs: { x: { shape: [2, 1, 2, 1, 2], fill: 'uniform' } },
    }),
  ),
]

const of = (
  name: string,
  shape: readonly number[],
  args: readonly Argument[],
  options: Options = {},
): ModuleCase => ({
  name,
  args,
  options,
  inputs: { x: { shape } },
})

const own: readonly ModuleCase[] = [
  of('many-rows', [17, 10], [10, 3]),
  of('rows', [6, 5], [5, 7]),
  of('one-row', [1, 5], [5, 7]),
  of('one-feature-in', [6, 1], [1, 4]),
  of('one-feature-out', [6, 4], [4, 1]),
  of('one-by-one', [5, 1], [1, 1]),
  of('seed-last', [3, 98], [98, 10]),
  of('long-sum', [17, 61], [61, 9]),
  of('three-axes-no-bias', [2, 3, 5], [5, 4], { bias: false }),
  of('vector', [9], [9, 4]),
  {
    ...of('nan-and-infinity', [4, 5], [5, 3]),
    inputs: { x: { shape: [4, 5], plant: { 3: Number.NaN, 11: Infinity } } },
    noDifferences: 'NaN and infinity spread to every output of their row',
  },
  { ...of('empty-middle', [2, 0, 5], [5, 4]), expect: empty },
]

const error = (
  name: string,
  shape: readonly number[],
  args: readonly Argument[],
  message: string,
  torchAccepts?: string,
): ErrorCase => ({
  ...of(name, shape, args),
  message,
  ...(torchAccepts === undefined ? {} : { torchAccepts }),
})

/** The cases of {@link Linear}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Linear',
  torch: 'nn.Linear',
  derivation,
  onKernels: 22,
  mutants,
  create: (args, options) => new Linear(...(args as [number, number]), options),
  ownDtype: true,
  linear: ['x', 'weight'],
  cases: [...fromTorch(samples), ...own],
  errors: [
    error(
      'wrong-features',
      [3, 6],
      [5, 4],
      'Linear(5→4): input has 6 features, expected 5 (input shape [3,6])',
    ),
    error('scalar', [], [5, 4], 'Linear(5→4): input has no axis, expected 5 (input shape [])'),
    error(
      'no-features-in',
      [3, 0],
      [0, 4],
      'Linear: inFeatures is 0, expected a whole number ≥ 1',
      'torch warns and goes on',
    ),
    error('negative-features', [3, 5], [5, -4], 'Linear: outFeatures is -4, expected a whole number ≥ 1'),
    error(
      'fraction-of-a-feature',
      [3, 5],
      [5, 2.5],
      'Linear: outFeatures is 2.5, expected a whole number ≥ 1',
    ),
    {
      name: 'integers',
      args: [5, 4],
      inputs: { x: { shape: [3, 5], fill: 'classes', classes: 4, dtype: 'int32' } },
      message: 'Linear(5→4): input is int32, expected float32',
    },
  ],
}
