import type { ModuleSpec } from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'
import { ReLU, type ReLUOptions } from './relu.ts'

/** The cases of {@link ReLU}: torch's shapes, and every special value. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'ReLU',
  torch: 'nn.ReLU',
  derivation,
  exact: true,
  onKernels: 7,
  mutants,
  create: (_args, options) => new ReLU(options as ReLUOptions),
  cases: [
    { name: 'images', inputs: { x: { shape: [2, 3, 5, 4] } } },
    { name: 'many-images', inputs: { x: { shape: [17, 3, 2, 4] } } },
    { name: 'matrix', inputs: { x: { shape: [7, 5], fill: 'uniform' } } },
    { name: 'one-dimension', inputs: { x: { shape: [11] } } },
    { name: 'scalar', inputs: { x: { shape: [], fill: 'positive' } } },
    {
      name: 'all-negative',
      inputs: { x: { shape: [3, 4], fill: 'negative' } },
      expect: { dx: { zero: 'no element passes' } },
    },
    { name: 'all-positive', inputs: { x: { shape: [3, 4], fill: 'positive' } } },
    {
      name: 'zeros-and-minus-zeros',
      inputs: { x: { shape: [2, 5], plant: { 0: 0, 3: -0, 6: 0, 7: -0 } } },
      skip: { share: 0.4, why: 'four of ten elements are at the kink' },
    },
    {
      name: 'nan-and-infinities',
      inputs: { x: { shape: [2, 5], plant: { 0: Number.NaN, 2: Infinity, 5: -Infinity, 9: Number.NaN } } },
      noDifferences: 'NaN and infinities',
    },
    {
      name: 'empty-batch',
      inputs: { x: { shape: [0, 3, 4] } },
      expect: { dx: { zero: 'there is no element' } },
    },
  ],
  errors: [
    {
      name: 'integers',
      inputs: { x: { shape: [3], fill: 'classes', classes: 3, dtype: 'int32' } },
      message: 'ReLU(): input is int32, expected float32 or float64',
      torchAccepts: 'torch applies ReLU to integers too, where no gradient exists',
    },
  ],
}
