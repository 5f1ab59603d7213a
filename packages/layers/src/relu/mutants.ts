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
  {
    name: 'kernel: gradient at zero',
    file: 'packages/layers/src/relu/relu.as.ts',
    kernel: true,
    find: 'f32x4.le(v128.load(y + i), zero)',
    replace: 'f32x4.lt(v128.load(y + i), zero)',
  },
  {
    name: 'kernel: NaN becomes zero',
    file: 'packages/layers/src/relu/relu.as.ts',
    kernel: true,
    find: 'v128.andnot(v, f32x4.lt(v, zero))',
    replace: 'v128.and(v, f32x4.ge(v, zero))',
  },
  {
    name: 'kernel: −0 becomes 0',
    file: 'packages/layers/src/relu/relu.as.ts',
    kernel: true,
    find: 'v128.andnot(v, f32x4.lt(v, zero))',
    replace: 'f32x4.max(v, f32x4.splat(0))',
  },
  {
    name: 'kernel: mask from the gradient',
    file: 'packages/layers/src/relu/relu.as.ts',
    kernel: true,
    find: 'f32x4.le(v128.load(y + i), zero)',
    replace: 'f32x4.le(v128.load(dy + i), zero)',
  },
  {
    name: 'kernel: the last lanes forgotten',
    file: 'packages/layers/src/relu/relu.as.ts',
    kernel: true,
    find: 'i < (count * floats) << 2; i += 16) {\n    v128.store(dx',
    replace: 'i + 16 < (count * floats) << 2; i += 16) {\n    v128.store(dx',
  },
]
