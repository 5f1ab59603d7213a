import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/containers/sequential.ts'

/** What one gets wrong when layers are put together. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the way back in the order of the way there',
    file,
    find: 'for (let i = this.layers.length - 1; i >= 0; i--) this.layers[i]',
    replace: 'for (let i = 0; i < this.layers.length; i++) this.layers[i]',
  },
  {
    name: 'the first layer is left out',
    file,
    find: 'i >= 0; i--',
    replace: 'i > 0; i--',
  },
  {
    name: 'without the gradient of the images, none between the layers',
    file,
    find: 'inputGrad: inputGrad || i > 0',
    replace: 'inputGrad',
  },
  {
    name: 'kernel: a sign of the tiles’ input matrix',
    file: 'packages/layers/src/conv2d/winograd.as.ts',
    kernel: true,
    find: 'v128.store(v + 2 * pitch, f32x4.sub(e, b))',
    replace: 'v128.store(v + 2 * pitch, f32x4.add(e, b))',
  },
  {
    name: 'kernel: a sign of the tiles’ output matrix',
    file: 'packages/layers/src/conv2d/winograd.as.ts',
    kernel: true,
    find: 'f32x4.add(f32x4.sub(f32x4.sub(r01, r02), r03), bias)',
    replace: 'f32x4.add(f32x4.add(f32x4.sub(r01, r02), r03), bias)',
  },
  {
    name: 'kernel: a half of the tiles’ weight matrix forgotten',
    file: 'packages/layers/src/conv2d/winograd.as.ts',
    kernel: true,
    find: 'v128.store(u + (8 + j) * pitch, f32x4.mul(half, f32x4.sub(ad, b)))',
    replace: 'v128.store(u + (8 + j) * pitch, f32x4.sub(ad, b))',
  },
  {
    name: 'kernel: the winner of a window in the other row',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 'const cells = i32x4(0, xCell, xRow, xRow + xCell)',
    replace: 'const cells = i32x4(0, xRow, xCell, xRow + xCell)',
  },
  {
    name: 'kernel: db of dead cells as well',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 'sum = f32x4.add(sum, v128.and(g, i32x4.lt_s(tap, i32x4.splat(DEAD << 24))))',
    replace: 'sum = f32x4.add(sum, g)',
  },
  {
    name: 'kernel: sparse dw without the odd entry',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 'if ((end - e) & 8) {\n    const at',
    replace: 'if ((end - e) & 8) {\n    e += 8\n  }\n  if ((end - e) & 8) {\n    const at',
  },
  {
    name: 'kernel: sparse dx overwrites',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 'v128.store(x1 + at, madd(g, w1, v128.load(x1 + at)))\n    v128.store(x2 + at, madd(g, w2, v128.load(x2 + at)))\n    v128.store(x3',
    replace:
      'v128.store(x1 + at, f32x4.mul(g, w1))\n    v128.store(x2 + at, madd(g, w2, v128.load(x2 + at)))\n    v128.store(x3',
  },
  {
    name: 'kernel: no max(0, ·) behind a pooled convolution',
    file: 'packages/layers/src/conv2d/maximum.inline.as.ts',
    kernel: true,
    find: 'top = v128.andnot(top, f32x4.lt(top, zero))',
    replace: 'top = top',
  },
  {
    name: 'kernel: gradient through silent units',
    file: 'packages/layers/src/conv2d/maximum.inline.as.ts',
    kernel: true,
    find: 'tap = select(i32x4.splat(DEAD), tap, f32x4.le(top, zero))',
    replace: 'tap = tap',
  },
]
