import { COUNT, type Compiler, startOf, type Value, type Window } from '@handgrad/tensor'
import type { Compiled, Layer } from '../layer.ts'
import { biasOf, forwardWeight } from './compile-direct.ts'
import type { Convolution } from './convolution.ts'
import { borderFor, convSizes, inverse, origin, padded, placeOf, up, vectorTable } from './pack.ts'

/** What follows the convolution: a 2 × 2 pooling, and max(0, ·) before or behind it, which is the same. */
function behind(next: readonly Layer[]): { rectify: boolean; layers: number } | null {
  const [first, second] = next.map((layer) => layer.folds)
  if (first === 'rectify' && second === 'halve') return { rectify: true, layers: 2 }
  if (first === 'halve') return { rectify: second === 'rectify', layers: second === 'rectify' ? 2 : 1 }
  return null
}

/** The convolution with its pooling: nothing but the pooled image is stored, and the way back follows the maxima. */
export function compilePooled(
  layer: Convolution,
  value: Value,
  win: Window,
  c: Compiler,
  next: readonly Layer[],
): Compiled | null {
  const found = behind(next)
  if (found === null) return null
  const Co8 = up(layer.outChannels, 8)
  const [H, W] = [win.Ho >> 1, win.Wo >> 1]
  const x = c.fit(value, borderFor(win))
  const wish = next[found.layers]?.kernelWish(layer.outChannels, H, W) ?? {}
  const y = c.image(layer.outChannels, H, W, { ...wish, align: 8 })
  const taps: Ends['taps'] = c.returns ? c.take('sample', Co8 * H * W) : 0
  const sizes = c.table(convSizes(win, Co8, x, y))
  const ends = { sizes, from: origin(x, win), y, taps, rectify: found.rectify ? 1 : 0 }
  if (win.Kh === 3 && win.Kw === 3 && x.C % 4 === 0) forwardByTiles(layer, win, x.C, ends, c)
  else forwardDirectly(layer, win, ends, c)
  if (taps === 0) return { value: y, folded: found.layers }
  c.backward(value, y, layer.parameters(), (given) => {
    // mutant: constant `0` → `(-1)` is equivalent because no border is narrower than none
    const dy = c.fit(given, { cell: Co8 * 4, border: 0 })
    return sparseGradients({ layer, value, x, dy, taps, win, c })
  })
  return { value: y, folded: found.layers }
}

/** What both ways forward read and write. */
interface Ends {
  sizes: Value['ref']
  from: Value['ref']
  y: Value
  /** 0 where there is no way back. */
  taps: Value['ref'] | 0
  rectify: number
}

function forwardDirectly(
  layer: Convolution,
  win: Window,
  { sizes, from, y, taps, rectify }: Ends,
  c: Compiler,
): void {
  const [w, b] = [forwardWeight(layer, win, c), biasOf(layer, c)]
  c.note(layer, `direct ${win.Kh}×${win.Kw}, pooled`)
  c.call('layers/conv2d_pool_forward', sizes, rectify, COUNT, from, w, b, y.ref, taps)
}

/** Tiles of winograd.as.ts that are in work together. */
const TILES = 16

function forwardByTiles(
  layer: Convolution,
  win: Window,
  Ci: number,
  { sizes, from, y, taps, rectify }: Ends,
  c: Compiler,
): void {
  const Co8 = up(layer.outChannels, 8)
  const [w, b] = [forwardWeight(layer, win, c), biasOf(layer, c)]
  const u = c.take('fixed', 16 * Ci * Co8 * 4)
  const v = c.take('thread', 16 * TILES * Ci * 4)
  const m = c.take('thread', 16 * TILES * Co8 * 4)
  c.note(layer, 'Winograd 3×3, pooled')
  c.prepare('layers/winograd_weight', Co8, Ci, w, u)
  c.call('layers/conv2d_winograd_forward', sizes, Ci, rectify, COUNT, from, u, b, y.ref, taps, v, m)
}

interface Way {
  layer: Convolution
  value: Value
  x: Value
  dy: Value
  taps: Value['ref']
  win: Window
  c: Compiler
}

function sparseGradients({ layer, value, x, dy, taps, win, c }: Way): Value | null {
  const { Kh, Kw } = win
  const Co8 = up(layer.outChannels, 8)
  const V = Math.ceil((Kw * x.cell) / 16)
  const T = up(Kh * V, 3)
  const capacity = c.micro * (win.Ho >> 1) * (win.Wo >> 1) + 1
  const lists = c.take('thread', Co8 * capacity * 8)
  const counts = c.take('thread', Co8 * 4)
  const sizes = c.table(convSizes(win, Co8, x, dy))
  const offsets = c.table(vectorTable(x, Kh, V, T))
  const place = (o: number, ch: number, i: number, j: number): number =>
    (o * T + i * V) * 4 + j * (x.cell / 4) + ch
  const map = placeOf(layer, win, place)
  const bias = layer.bias
  // The kernel that makes the lists adds the bias's gradient up on its way, wanted or not.
  const db =
    bias !== null && c.trains(bias)
      ? c.gradient(bias, Co8, padded(bias.data.length, bias.data.length))
      : c.take('thread', Co8 * 4)
  c.call('layers/conv2d_lists', sizes, COUNT, taps, dy.ref, lists, capacity, counts, db)
  if (c.trains(layer.weight)) {
    const dw = c.gradient(layer.weight, Co8 * T * 4, map)
    c.call('layers/conv2d_sparse_dw', sizes, T, offsets, origin(x, win), lists, capacity, counts, dw)
  }
  // mutant: dropped statement is equivalent because no gradient and none at all are the same to the tape
  if (!c.wants(value)) return null
  const dx = c.like(x)
  c.call('tensor/clear', startOf(dx), COUNT, dx.image)
  if (Kh === 3 && Kw === 3 && x.cell === 4) {
    c.call('layers/conv2d_patches_dx', sizes, COUNT, taps, dy.ref, patchWeight(layer, c), origin(dx, win))
    return dx
  }
  const weight = c.parameter(layer.weight, inverse(map, Co8 * T * 4))
  c.call('layers/conv2d_sparse_dx', sizes, T, offsets, weight, lists, capacity, counts, origin(dx, win))
  return dx
}

/** The 3 × 3 weight of one channel as conv2d_patches_dx reads it, once for each cell that may win. */
function patchWeight({ weight, outChannels }: Convolution, c: Compiler): Value['ref'] {
  const map = new Int32Array(up(outChannels, 8) * 64).fill(-1)
  weight.data.forEach((_: number, at: number) => {
    const [o, i, j] = [Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3]
    for (let t = 0; t < 4; t++) map[(o * 4 + t) * 16 + ((t >> 1) + i) * 4 + (t & 1) + j] = at
  })
  return c.parameter(weight, map)
}
