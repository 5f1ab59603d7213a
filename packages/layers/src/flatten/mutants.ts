import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/flatten/flatten.ts'

/** Mistakes in which axes are joined, and in which order. */
export const mutants: readonly Mutant[] = [
  {
    name: 'last axis left out',
    file,
    find: 'numel(shape.slice(start, end + 1))',
    replace: 'numel(shape.slice(start, end))',
  },
  {
    name: 'gradient in reverse order',
    file,
    find: 'dy.clone().reshape(shape)',
    replace: '((d) => (d.data.reverse(), d))(dy.clone()).reshape(shape)',
  },
  {
    name: 'channels last',
    file,
    find: 'y: x.clone().reshape(outShape)',
    replace:
      'y: ((t) => (x.shape.length === 4 && t.data.set(x.data.map((_, i) => { const [, C, H, W] = x.shape; const n = Math.floor(i / (C * H * W)), r = i % (C * H * W); return x.data[n * C * H * W + (r % C) * H * W + Math.floor(r / C)] })), t))(x.clone()).reshape(outShape)',
  },
  {
    name: 'negative axes count from the start',
    file,
    find: 'return axis < 0 ? axis + rank : axis',
    replace: 'return axis < 0 ? Math.max(0, rank - 2 + axis) : axis',
  },
  {
    name: 'gradient is the output',
    file,
    find: 'return inputGrad ? dy.clone().reshape(shape) : null',
    replace: 'return inputGrad ? ((d) => (d.data.fill(1), d))(dy.clone()).reshape(shape) : null',
  },
]
