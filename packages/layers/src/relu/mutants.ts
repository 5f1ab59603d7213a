import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/relu/relu.ts'
const backward = 'dx.data[i] = x.data[i] <= 0 ? 0 : dy.data[i]'

/** Mistakes in ReLU's mask. */
export const mutants: readonly Mutant[] = [
  {
    name: 'gradient at zero passes',
    file,
    find: backward,
    replace: 'dx.data[i] = x.data[i] < 0 ? 0 : dy.data[i]',
  },
  {
    name: 'mask of the upstream gradient',
    file,
    find: backward,
    replace: 'dx.data[i] = dy.data[i] <= 0 ? 0 : dy.data[i]',
    trains: true,
  },
  { name: 'no mask', file, find: backward, replace: 'dx.data[i] = dy.data[i]', trains: true },
  {
    name: 'gradient of NaN dropped',
    file,
    find: backward,
    replace: 'dx.data[i] = x.data[i] > 0 ? dy.data[i] : 0',
  },
  { name: 'mask for the gradient', file, find: backward, replace: 'dx.data[i] = x.data[i] <= 0 ? 0 : 1' },
  {
    name: 'input for the gradient',
    file,
    find: backward,
    replace: 'dx.data[i] = x.data[i] <= 0 ? 0 : x.data[i]',
  },
  { name: 'absolute value', file, find: 'v < 0 ? 0 : v\n', replace: 'v < 0 ? -v : v\n' },
  { name: 'leaks below zero', file, find: 'v < 0 ? 0 : v\n', replace: 'v < 0 ? 0.01 * v : v\n' },
  { name: 'NaN becomes zero', file, find: 'v < 0 ? 0 : v\n', replace: 'v > 0 ? v : 0\n' },
]
