import type { Mutant } from '@handgrad/gradcheck'

const layer = 'packages/layers/src/max-pool2d/max-pool2d.ts'
const taps = 'packages/tensor/src/reference/taps.ts'
const sizes = 'packages/tensor/src/window.ts'

/** Mistakes in which cell wins, and in who is paid. */
export const mutants: readonly Mutant[] = [
  {
    name: 'every tie is paid',
    file: layer,
    find: 'const dx = fold(dX, win)',
    replace:
      'for (let i = 0; i < dX.data.length; i++) { const [nc, l] = [Math.floor(i / L / K), i % L]; if (taps.X.data[i] === taps.X.data[(nc * K + taps.data[nc * L + l]) * L + l]) dX.data[i] = dy.data[nc * L + l] }; const dx = fold(dX, win)',
    also: { find: 'saved: taps }', replace: 'saved: Object.assign(taps, { X }) }' },
    trains: true,
  },
  {
    name: 'the last of several ties wins',
    file: taps,
    find: 'value > max[l] || Number.isNaN(value)',
    replace: 'value >= max[l] || Number.isNaN(value)',
    trains: true,
  },
  {
    name: 'NaN loses',
    file: taps,
    find: 'value > max[l] || Number.isNaN(value)',
    replace: 'value > max[l]',
  },
  {
    name: 'the first NaN wins',
    file: taps,
    find: 'value > max[l] || Number.isNaN(value)',
    replace: 'value > max[l] || (Number.isNaN(value) && !Number.isNaN(max[l]))',
  },
  {
    name: 'padding is zero',
    file: layer,
    find: 'win, -Infinity)',
    replace: 'win, 0)',
  },
  {
    name: 'starts from zero',
    file: taps,
    find: 'max.fill(-Infinity)',
    replace: 'max.fill(0)',
  },
  {
    name: 'argmax over positions',
    file: taps,
    find: 'data[from + l]',
    replace: 'data[from + ((l * 7) % best.length)]',
  },
  {
    name: 'every tap is paid',
    file: taps,
    find: 'if (k < K) data[(nc * K + k) * L + l] = G.data[nc * L + l]',
    replace: 'for (let j = 0; j < K; j++) data[(nc * K + j) * L + l] = G.data[nc * L + l]',
  },
  {
    name: 'the gradient is averaged over the window',
    file: taps,
    find: 'if (k < K) data[(nc * K + k) * L + l] = G.data[nc * L + l]',
    replace: 'for (let j = 0; j < K; j++) data[(nc * K + j) * L + l] = G.data[nc * L + l] / K',
    trains: true,
  },
  {
    name: 'stride defaults to one',
    file: layer,
    find: 'stride = kernelSize',
    replace: 'stride = 1',
  },
  {
    name: 'ceil mode keeps a window in the padding',
    file: sizes,
    find: 'return ceilMode && (out - 1) * s >= extent + before ? out - 1 : out',
    replace: 'return out',
  },
  {
    name: 'ceil mode is floor',
    file: sizes,
    find: '(ceilMode ? s - 1 : 0)',
    replace: '0',
  },
  {
    name: 'a window of minus infinity starts in the padding',
    file: taps,
    find: 'best.set(first)',
    replace: 'best.fill(0)',
  },
  {
    name: 'kernel: tie goes to the last',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'v128.or(f32x4.gt(value, top), f32x4.ne(value, value))',
    replace: 'v128.or(f32x4.ge(value, top), f32x4.ne(value, value))',
  },
  {
    name: 'kernel: NaN dropped',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'v128.or(f32x4.gt(value, top), f32x4.ne(value, value))',
    replace: 'f32x4.gt(value, top)',
  },
  {
    name: 'kernel: all −∞ gives no cell',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'if (first) wins = i32x4.splat(-1)',
    replace: 'if (first && v < 0) wins = i32x4.splat(-1)',
  },
  {
    name: 'kernel: stride forgotten',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'const a = h * s.sh + i * s.dh - s.ph',
    replace: 'const a = h + i * s.dh - s.ph',
  },
  {
    name: 'kernel: dilation forgotten',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'const b = v * s.sw + j * s.dw - s.pw',
    replace: 'const b = v * s.sw + j - s.pw',
  },
  {
    name: 'kernel: overlapping windows overwrite',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'f32.load(dx + place) + f32.load(dy)',
    replace: 'f32.load(dy)',
  },
  {
    name: 'kernel: padding wins against negative values',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'if (b < 0 || b >= s.W) continue',
    replace:
      'if (b < 0 || b >= s.W) {\n        top = f32x4.max(top, f32x4.splat(0))\n        continue\n      }',
  },
  {
    name: 'kernel: the first image only',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'count: i32, dy: usize, at: usize, dx: usize): void {\n  for (let n = 0; n < count;',
    replace: 'count: i32, dy: usize, at: usize, dx: usize): void {\n  for (let n = 0; n < 1;',
  },
  {
    name: 'kernel: dx not cleared',
    file: 'packages/layers/src/max-pool2d/max-pool2d.ts',
    kernel: true,
    find: "      c.call('tensor/clear', dx.ref, COUNT, dx.image)\n",
    replace: '',
  },
  {
    name: 'kernel: lanes of one channel',
    file: 'packages/layers/src/max-pool2d/max-pool2d.as.ts',
    kernel: true,
    find: 'i32x4(0, 4, 8, 12)',
    replace: 'i32x4(0, 4, 8, 8)',
  },
]
