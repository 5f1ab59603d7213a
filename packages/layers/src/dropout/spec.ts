import {
  combinations,
  type ErrorCase,
  fromTorch,
  type ModuleCase,
  type ModuleSpec,
} from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { Dropout } from './dropout.ts'
import { mutants } from './mutants.ts'

const dropped = { dx: { zero: 'p = 1 drops every element' } }

/** torch's samples for dropout: three shapes × p × mode. */
const samples = combinations({
  shape: [[5, 5], [5], []],
  p: [0, 0.5, 1],
  mode: ['train', 'eval'] as const,
}).map(
  ({ shape, p, mode }): ModuleCase => ({
    name: `${shape.join('-') || 'scalar'}-p-${p}-${mode}`,
    args: [p],
    mode,
    // A seed under which the one element of the scalar is kept.
    seed: 3,
    inputs: { x: { shape, fill: 'uniform' } },
    ...(p === 1 && mode === 'train' ? { expect: dropped } : {}),
  }),
)

const of = (name: string, p: number, shape: readonly number[], seed: number): ModuleCase => ({
  name,
  args: [p],
  seed,
  inputs: { x: { shape } },
})

const error = (name: string, p: number, message: string): ErrorCase => ({
  name,
  args: [p],
  inputs: { x: { shape: [3] } },
  message,
})

/** The cases of {@link Dropout}: the mask is torch's own, from the seed of the case. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Dropout',
  torch: 'nn.Dropout',
  derivation,
  mutants,
  create: (args, options) => new Dropout(args[0] as number | undefined, options),
  linear: ['x'],
  cases: [
    ...fromTorch(samples),
    { name: 'default-p', seed: 5, inputs: { x: { shape: [3, 7] } } },
    of('a-tenth', 0.1, [4, 3, 6, 5], 0),
    of('a-third', 1 / 3, [7, 5], 1),
    of('nine-tenths', 0.9, [8, 9], 2),
    of('odd-count', 0.25, [17], 7),
    of('long', 0.4, [40, 33], 11),
    of('negative-seed', 0.5, [6, 5], -1),
    of('seed-above-32-bits', 0.5, [6, 5], 2 ** 40 + 9),
    { ...of('empty-batch', 0.5, [0, 4], 0), expect: { dx: { zero: 'there is no element' } } },
    {
      ...of('nan-and-infinities', 0.5, [4, 5], 6),
      inputs: {
        x: {
          shape: [4, 5],
          plant: { 0: Number.NaN, 1: Number.NaN, 2: Infinity, 3: -Infinity, 9: Infinity, 12: Number.NaN },
        },
      },
      noDifferences: 'NaN and infinities',
    },
  ],
  errors: [
    error('p-negative', -0.1, 'Dropout: p is -0.1, expected a probability between 0 and 1'),
    error('p-above-1', 1.5, 'Dropout: p is 1.5, expected a probability between 0 and 1'),
    {
      name: 'integers',
      inputs: { x: { shape: [3], fill: 'classes', classes: 4, dtype: 'int32' } },
      message: 'Dropout(0.5): input is int32, expected float32 or float64',
    },
  ],
}
