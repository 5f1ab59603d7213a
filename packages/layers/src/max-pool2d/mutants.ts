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
]
