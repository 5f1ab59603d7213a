import { madd, splat } from '../../../tensor/src/simd/lanes.inline.as'
import { Conv } from './sizes.inline.as'

/**
 * y[n,h,w,o] = b[o] + Σ_{i,r} x[n, h+i, run r from w]·w[o,i,r], stride 1. Also dx, from a bordered dy and turned taps.
 *
 * x: see Conv. w [Co/8][Kh][J·R][8]. b [Co]. y [n][Ho][Wo][Co] at its own strides.
 *
 * Exploits: channels last, so that one float of x meets 8 neighbouring weights; 4 cells × 8 channels are 8
 * accumulators and 6 loads. The last tile of a row repeats its last cell instead of a slower remainder.
 */
export function conv2d_forward(s: Conv, count: i32, x: usize, w: usize, b: usize, y: usize): void {
  const size = (s.Kh * s.J * s.R) << 5
  for (let n = 0; n < count; n++) {
    for (let o = 0; o < s.Co; o += 8) {
      for (let h = 0; h < s.Ho; h++) {
        const xRow = x + n * s.xImage + h * s.xRow
        const yRow = y + n * s.yImage + h * s.yRow + (o << 2)
        for (let v = 0; v < s.Wo; v += 4) cells(s, xRow, w + (o >> 3) * size, b + (o << 2), yRow, v)
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function cells(s: Conv, x: usize, w: usize, b: usize, y: usize, v: i32): void {
  const last = s.Wo - 1
  const v1 = min(v + 1, last), v2 = min(v + 2, last), v3 = min(v + 3, last)
  const xCell = s.xCell, xRow = s.xRow, R = s.R, J = s.J, Kh = s.Kh
  const o1 = (v1 - v) * xCell, o2 = (v2 - v) * xCell, o3 = (v3 - v) * xCell
  let a0 = v128.load(b), a1 = v128.load(b, 16)
  let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1
  x += v * xCell
  for (let i = 0; i < Kh; i++) {
    for (let j = 0; j < J; j++) {
      let p0 = x + i * xRow + j * xCell
      let p1 = p0 + o1, p2 = p0 + o2, p3 = p0 + o3
      for (const end = p0 + (R << 2); p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4, w += 32) {
        const w0 = v128.load(w), w1 = v128.load(w, 16)
        const e0 = splat(p0), e1 = splat(p1), e2 = splat(p2), e3 = splat(p3)
        a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
        b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
        c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
        d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
      }
    }
  }
  const yCell = s.yCell
  y += v * yCell
  v128.store(y, a0); v128.store(y, a1, 16)
  y += (v1 - v) * yCell
  v128.store(y, b0); v128.store(y, b1, 16)
  y += (v2 - v1) * yCell
  v128.store(y, c0); v128.store(y, c1, 16)
  y += (v3 - v2) * yCell
  v128.store(y, d0); v128.store(y, d1, 16)
}

/**
 * dw[k,o] += Σ_{n,h,v} x[n, h, v + tap k]·dy[n,h,v,o], one k per float of the window.
 *
 * x: see Conv. offsets i32 [K4]: where each k reads, from a cell of x; K4 = K rounded up to 4, the rest repeat the last.
 * dy [n][Ho][Wo][Co]. dw [Co/8][K4][8].
 *
 * Exploits: 4 taps × 8 channels stay in registers over the whole micro-batch.
 */
export function conv2d_dw(s: Conv, count: i32, x: usize, dy: usize, offsets: usize, K4: i32, dw: usize): void {
  for (let o = 0; o < s.Co; o += 8) {
    for (let k = 0; k < K4; k += 4, dw += 128) taps(s, count, x, dy + (o << 2), offsets + (k << 2), dw)
  }
}

function taps(s: Conv, count: i32, x: usize, dy: usize, offsets: usize, dw: usize): void {
  const o0 = i32.load(offsets), o1 = i32.load(offsets, 4), o2 = i32.load(offsets, 8), o3 = i32.load(offsets, 12)
  const xCell = s.xCell, yCell = s.yCell
  let a0 = v128.load(dw), a1 = v128.load(dw, 16), b0 = v128.load(dw, 32), b1 = v128.load(dw, 48)
  let c0 = v128.load(dw, 64), c1 = v128.load(dw, 80), d0 = v128.load(dw, 96), d1 = v128.load(dw, 112)
  for (let n = 0; n < count; n++) {
    for (let h = 0; h < s.Ho; h++) {
      let p = x + n * s.xImage + h * s.xRow
      let q = dy + n * s.yImage + h * s.yRow
      for (const end = q + s.Wo * yCell; q < end; q += yCell, p += xCell) {
        const g0 = v128.load(q), g1 = v128.load(q, 16)
        const e0 = splat(p + o0), e1 = splat(p + o1), e2 = splat(p + o2), e3 = splat(p + o3)
        a0 = madd(e0, g0, a0); a1 = madd(e0, g1, a1)
        b0 = madd(e1, g0, b0); b1 = madd(e1, g1, b1)
        c0 = madd(e2, g0, c0); c1 = madd(e2, g1, c1)
        d0 = madd(e3, g0, d0); d1 = madd(e3, g1, d1)
      }
    }
  }
  v128.store(dw, a0); v128.store(dw, a1, 16); v128.store(dw, b0, 32); v128.store(dw, b1, 48)
  v128.store(dw, c0, 64); v128.store(dw, c1, 80); v128.store(dw, d0, 96); v128.store(dw, d1, 112)
}

/** db[o] += Σ over the cells of dy [count][Ho][Wo] of channels [C], C a multiple of 4: rows first, for exactness. */
export function sum_cells(
  count: i32, Ho: i32, Wo: i32, C: i32, dy: usize, cell: i32, row: i32, image: i32, db: usize,
): void {
  for (let o = 0; o < C; o += 4) {
    let sum = f32x4.splat(0)
    for (let n = 0; n < count; n++) {
      for (let h = 0; h < Ho; h++) {
        let q = dy + n * image + h * row + (o << 2)
        let line = f32x4.splat(0)
        for (const end = q + Wo * cell; q < end; q += cell) line = f32x4.add(line, v128.load(q))
        sum = f32x4.add(sum, line)
      }
    }
    v128.store(db + (o << 2), f32x4.add(v128.load(db + (o << 2)), sum))
  }
}
