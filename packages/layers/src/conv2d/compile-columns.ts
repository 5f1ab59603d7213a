import { COUNT, type Compiler, startOf, type Value, type Window, type Wish } from '@handgrad/tensor'
import type { Compiled } from '../layer.ts'
import { biasOf } from './compile-direct.ts'
import type { Convolution } from './convolution.ts'
import { inverse, padded, placeOf, up } from './pack.ts'

/** Any stride, padding, dilation and groups: columns and a matrix product. */
export function compileColumns(layer: Convolution, x: Value, win: Window, c: Compiler, wish: Wish): Compiled {
  const { groups, outChannels } = layer
  const [Ci, Co] = [layer.inChannels / groups, outChannels / groups]
  const K = win.Kh * win.Kw * Ci
  const L = win.Ho * win.Wo
  const y = c.image(outChannels, win.Ho, win.Wo, { align: Math.max(4, wish.align ?? 4) }, x.rank)
  const sizes = c.table(columnSizes(win, x, y, [groups, Ci, Co]))
  const X = c.take('thread', L * K * 4)
  // Row (i, j, ch) of the columns, column o of the group.
  const Co4 = up(Co, 4)
  const place = (o: number, ch: number, i: number, j: number): number =>
    (Math.floor(o / Co) * K + (i * win.Kw + j) * Ci + ch) * Co4 + (o % Co)
  const map = placeOf(layer, win, place)
  const weight = c.parameter(layer.weight, inverse(map, groups * K * Co4))
  c.note(layer, 'columns')
  c.call('layers/conv2d_columns_forward', sizes, COUNT, x.ref, X, weight, biasOf(layer, c), y.ref)
  c.backward(x, y, layer.parameters(), (given) => {
    const dy = c.fit(given, { cell: y.cell, border: 0, row: y.row })
    if (c.trains(layer.weight)) {
      const dw = c.gradient(layer.weight, groups * K * Co4, map)
      c.call('layers/conv2d_columns_dw', sizes, COUNT, x.ref, X, dy.ref, dw)
    }
    if (layer.bias !== null && c.trains(layer.bias)) {
      const db = c.gradient(layer.bias, up(outChannels, 4), padded(outChannels, outChannels))
      const C4 = up(outChannels, 4)
      c.call('layers/sum_cells', COUNT, win.Ho, win.Wo, C4, dy.ref, dy.cell, dy.row, dy.image, db)
    }
    return c.wants(x) ? inputGradient({ layer, x, dy, win, sizes, X }, c) : null
  })
  return { value: y }
}

interface Way {
  layer: Convolution
  x: Value
  dy: Value
  win: Window
  sizes: Value['ref']
  X: Value['ref']
}

function inputGradient({ layer, x, dy, win, sizes, X }: Way, c: Compiler): Value {
  const { groups } = layer
  const [Ci, Co] = [layer.inChannels / groups, layer.outChannels / groups]
  const K = win.Kh * win.Kw * Ci
  const K4 = up(K, 4)
  const map = placeOf(layer, win, (o, ch, i, j) => o * K4 + (i * win.Kw + j) * Ci + ch)
  const weight = c.parameter(layer.weight, inverse(map, groups * Co * K4))
  const dx = c.like(x)
  c.call('tensor/clear', startOf(dx), COUNT, dx.image)
  c.call('layers/conv2d_columns_dx', sizes, COUNT, dy.ref, weight, X, dx.ref)
  return dx
}

function columnSizes(win: Window, x: Value, y: Value, groups: readonly number[]): number[] {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = win
  return [H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo, x.cell, x.row, x.image, y.cell, y.image, ...groups]
}
