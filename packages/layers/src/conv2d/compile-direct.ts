import { COUNT, type Compiler, type Ref, type Value, type Window, type Wish } from '@handgrad/tensor'
import type { Compiled } from '../layer.ts'
import type { Convolution } from './convolution.ts'
import { borderFor, convSizes, origin, packBlocks, padded, placeOf, up } from './pack.ts'

/** The bias in blocks of 8, zeros where the layer has none. */
export function biasOf({ bias, outChannels }: Convolution, c: Compiler): Ref {
  const length = up(outChannels, 8)
  return bias === null ? c.table(new Int32Array(length)) : c.parameter(bias, padded(outChannels, length))
}

/** The weight as conv2d_forward reads it. */
export function forwardWeight({ weight }: Convolution, { Kh, Kw }: Window, c: Compiler): Ref {
  const [Co, Ci] = weight.shape
  const map = packBlocks(Co, Kh, Kw, Ci, (o) => (i, j, ch) => ((o * Ci + ch) * Kh + i) * Kw + j)
  return c.parameter(weight, map)
}

/** Stride 1 on a bordered input: conv2d_forward both ways, and conv2d_dw. */
export function compileDirect(
  layer: Convolution,
  value: Value,
  win: Window,
  c: Compiler,
  wish: Wish,
): Compiled {
  const Co8 = up(layer.outChannels, 8)
  const x = c.fit(value, borderFor(win))
  const y = c.image(layer.outChannels, win.Ho, win.Wo, { ...wish, align: 8 }, x.rank)
  const sizes = c.table(convSizes(win, Co8, x, y))
  const from = origin(x, win)
  c.note(layer, `direct ${win.Kh}×${win.Kw}`)
  c.call('layers/conv2d_forward', sizes, COUNT, from, forwardWeight(layer, win, c), biasOf(layer, c), y.ref)
  c.backward(value, y, layer.parameters(), (given) => {
    const dy = c.fit(given, { cell: Co8 * 4, border: 0 })
    if (c.trains(layer.weight)) weightGradient(layer, x, dy, win, c)
    if (layer.bias !== null && c.trains(layer.bias)) {
      const db = c.gradient(layer.bias, Co8, padded(layer.outChannels, layer.outChannels))
      c.call('layers/sum_cells', COUNT, win.Ho, win.Wo, Co8, dy.ref, dy.cell, dy.row, dy.image, db)
    }
    return c.wants(value) ? inputGradient(layer, x, dy, win, c) : null
  })
  return { value: y }
}

function weightGradient(layer: Convolution, x: Value, dy: Value, win: Window, c: Compiler): void {
  const { Kh, Kw } = win
  const Co8 = up(layer.outChannels, 8)
  const K = Kh * Kw * x.C
  const K4 = up(K, 4)
  const offsets = Int32Array.from({ length: K4 }, (_, k) => {
    const tap = Math.floor(Math.min(k, K - 1) / x.C)
    return Math.floor(tap / Kw) * x.row + (tap % Kw) * x.cell + (Math.min(k, K - 1) % x.C) * 4
  })
  const map = placeOf(layer, win, (o, ch, i, j) => ((o >> 3) * K4 + (i * Kw + j) * x.C + ch) * 8 + (o & 7))
  const dw = c.gradient(layer.weight, Co8 * K4, map)
  const sizes = c.table(convSizes(win, Co8, x, dy))
  c.call('layers/conv2d_dw', sizes, COUNT, origin(x, win), dy.ref, c.table(offsets), K4, dw)
}

/** dx is a convolution of dy with the taps turned round, from outputs to inputs. */
function inputGradient(layer: Convolution, x: Value, dy: Value, win: Window, c: Compiler): Value {
  const { H, W, Kh, Kw, ph, pw, Ho, Wo } = win
  const [Co, Ci] = [layer.outChannels, layer.inChannels]
  const turned: Window = { ...win, H: Ho, W: Wo, ph: Kh - 1 - ph, pw: Kw - 1 - pw, Ho: H, Wo: W }
  const bordered = c.image(Co, Ho, Wo, { ...borderFor(turned), align: dy.cell / 4 }, x.rank)
  c.copy(dy, bordered)
  const map = packBlocks(Ci, Kh, Kw, Co, (ci) => (i, j, o) => {
    return ((o * Ci + ci) * Kh + (Kh - 1 - i)) * Kw + (Kw - 1 - j)
  })
  const dx = c.image(Ci, H, W, { align: 8 }, x.rank)
  const sizes = c.table(convSizes(turned, up(Ci, 8), bordered, dx))
  const zero = c.table(new Int32Array(up(Ci, 8)))
  const weight = c.parameter(layer.weight, map)
  c.call('layers/conv2d_forward', sizes, COUNT, origin(bordered, turned), weight, zero, dx.ref)
  return dx
}
