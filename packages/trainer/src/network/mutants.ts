import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/containers/sequential.ts'

/** What one gets wrong when layers are put together. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the way back in the order of the way there',
    file,
    find: 'for (let i = this.#pass.length - 1; i >= 0; i--) this.#pass[i]',
    replace: 'for (let i = 0; i < this.#pass.length; i++) this.#pass[i]',
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
    find: 'inputGrad || i > 0',
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
    find: 'b0 = f32x4.sub(b0, u0); b1 = f32x4.sub(b1, u1); d0 = f32x4.sub(d0, l0); d1 = f32x4.sub(d1, l1)\n    p',
    replace:
      'b0 = f32x4.add(b0, u0); b1 = f32x4.sub(b1, u1); d0 = f32x4.sub(d0, l0); d1 = f32x4.sub(d1, l1)\n    p',
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
    name: 'kernel: sparse dw of a run reads its last vector twice',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 's5 = madd(g, v128.load(p, 80), s5)',
    replace: 's5 = madd(g, v128.load(p, 64), s5)',
  },
  {
    name: 'kernel: sparse dx of a run overwrites',
    file: 'packages/layers/src/conv2d/pooled.as.ts',
    kernel: true,
    find: 'd2 = madd(g, w2, v128.load(p, 32))',
    replace: 'd2 = f32x4.mul(g, w2)',
  },
  {
    name: 'kernel: no max(0, ·) behind a pooled convolution',
    file: 'packages/layers/src/conv2d/maximum.inline.as.ts',
    kernel: true,
    find: 'top1 = v128.andnot(top1, f32x4.lt(top1, zero))\n  }\n  v128.store(y, top0); v128.store(y, top1, 16)\n  const pair',
    replace: '}\n  v128.store(y, top0); v128.store(y, top1, 16)\n  const pair',
  },
  {
    name: 'kernel: gradient through silent units',
    file: 'packages/layers/src/conv2d/maximum.inline.as.ts',
    kernel: true,
    find: 'tap0 = select(dead, tap0, f32x4.le(top0, zero))',
    replace: 'tap0 = tap0',
  },
  {
    name: 'kernel: evaluation overlooks a cell of the window',
    file: 'packages/layers/src/conv2d/maximum.inline.as.ts',
    kernel: true,
    find: 'top0 = select(d0, top0, beats(d0, top0)); top1 = select(d1, top1, beats(d1, top1))\n  if (rectify) {\n    const zero = f32x4.splat(0)\n    top0',
    replace: 'if (rectify) {\n    const zero = f32x4.splat(0)\n    top0',
  },
]
