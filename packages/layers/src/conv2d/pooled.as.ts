import { madd, splat } from '../../../tensor/src/simd/lanes.inline.as'
import { DEAD, maximum } from './maximum.inline.as'
import { Conv } from './sizes.inline.as'

/**
 * A convolution with a 2 × 2 maximum (and, with `rectify`, max(0, ·)) behind it: its own output is never stored.
 *
 * x, w, b: as conv2d_forward. y [n][Ho/2][Wo/2][Co] at the strides of s.
 * taps u8 [n][Ho/2][Wo/2][Co]: which cell of the window had the maximum (0 to 3, row-major), DEAD where y is 0.
 *
 * Exploits: the 4 cells of a tile are the window itself, so the maximum is taken in registers; max(0, ·) commutes
 * with it. torch's rules: the first of ties, the last NaN, −∞ gives cell 0.
 */
export function conv2d_pool_forward(
  s: Conv, rectify: i32, count: i32, x: usize, w: usize, b: usize, y: usize, taps: usize,
): void {
  // Read once: a store might change what `s` says, as far as the compiler knows.
  const Kh = s.Kh, J = s.J, bytes = s.R << 2, xCell = s.xCell, xRow = s.xRow, yCell = s.yCell, Co = s.Co
  const size = (Kh * J * s.R) << 5
  const H = s.Ho >> 1, W = s.Wo >> 1
  for (let n = 0; n < count; n++) {
    for (let o = 0; o < Co; o += 8) {
      for (let h = 0; h < H; h++) {
        let p = x + n * s.xImage + h * 2 * xRow
        let q = y + n * s.yImage + h * s.yRow + (o << 2)
        let t = taps + n * H * W * Co + h * W * Co + o
        for (const end = q + W * yCell; q < end; q += yCell, p += 2 * xCell, t += Co) {
          window(Kh, J, bytes, xCell, xRow, rectify, p, w + (o >> 3) * size, b + (o << 2), q, t)
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function window(
  Kh: i32, J: i32, bytes: i32, xCell: i32, xRow: i32, rectify: i32, x: usize, w: usize, b: usize, y: usize, t: usize,
): void {
  let a0 = v128.load(b), a1 = v128.load(b, 16)
  let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1
  if (J == 1 && bytes == 12) {
    let p0 = x, p1 = x + xCell, p2 = x + xRow, p3 = p2 + xCell
    for (let i = 0; i < Kh; i++, p0 += xRow, p1 += xRow, p2 += xRow, p3 += xRow, w += 96) {
      {
        const w0 = v128.load(w), w1 = v128.load(w, 16)
        const e0 = v128.load32_splat(p0), e1 = v128.load32_splat(p1), e2 = v128.load32_splat(p2), e3 = v128.load32_splat(p3)
        a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
        b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
        c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
        d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
      }
      {
        const w0 = v128.load(w, 32), w1 = v128.load(w, 48)
        const e0 = v128.load32_splat(p0, 4), e1 = v128.load32_splat(p1, 4), e2 = v128.load32_splat(p2, 4), e3 = v128.load32_splat(p3, 4)
        a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
        b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
        c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
        d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
      }
      {
        const w0 = v128.load(w, 64), w1 = v128.load(w, 80)
        const e0 = v128.load32_splat(p0, 8), e1 = v128.load32_splat(p1, 8), e2 = v128.load32_splat(p2, 8), e3 = v128.load32_splat(p3, 8)
        a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
        b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
        c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
        d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
      }
    }
  } else for (const last = x + Kh * xRow; x < last; x += xRow) {
    for (let j = 0; j < J; j++) {
      let p0 = x + j * xCell
      let p1 = p0 + xCell, p2 = p0 + xRow, p3 = p2 + xCell
      for (const end = p0 + bytes; p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4, w += 32) {
        const w0 = v128.load(w), w1 = v128.load(w, 16)
        const e0 = splat(p0), e1 = splat(p1), e2 = splat(p2), e3 = splat(p3)
        a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
        b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
        c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
        d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
      }
    }
  }
  const t0 = maximum(a0, b0, c0, d0, rectify, y)
  const t1 = maximum(a1, b1, c1, d1, rectify, y + 16)
  const pair = i16x8.narrow_i32x4_s(t0, t1)
  v128.store64_lane(t, i8x16.narrow_i16x8_u(pair, pair), 0)
}

/**
 * The gradient of a pooled convolution as one list per channel: (offset of the winning cell in x, gradient), 8 bytes
 * each, dead ones left out. Also db[o] += Σ of the gradients listed.
 *
 * taps: as above. dy [n][Ho/2][Wo/2][Co] at the strides of s. lists [Co][capacity][8 bytes], counts i32 [Co].
 *
 * Exploits: three of four cells of a pooled convolution's output have no gradient, and ReLU silences about half of
 * the rest. Columns run outermost: neighbours in a list then write to other rows of dx, 2× faster than row-major.
 */
export function conv2d_lists(
  s: Conv, count: i32, taps: usize, dy: usize, lists: usize, capacity: i32, counts: usize, db: usize,
): void {
  const H = s.Ho >> 1, W = s.Wo >> 1, pitch = capacity << 3
  const xCell = s.xCell, xRow = s.xRow, yRow = s.yRow, Co = s.Co
  for (let o = 0; o < s.Co; o += 4) {
    const l0 = lists + o * pitch
    let p0 = l0, p1 = l0 + pitch, p2 = p1 + pitch, p3 = p2 + pitch
    let sum = v128.load(db + (o << 2))
    for (let n = 0; n < count; n++) {
      for (let v = 0; v < W; v++) {
        let t = taps + (n * H * W + v) * s.Co + o
        let q = dy + n * s.yImage + v * s.yCell + (o << 2)
        let at = n * s.xImage + 2 * v * s.xCell
        for (let h = 0; h < H; h++, t += W * Co, q += yRow, at += 2 * xRow) {
          const four = i32.load(t)
          if (four == 0x04040404) continue
          const g = v128.load(q)
          p0 = list(xCell, xRow, p0, at, four & 255, i32.load(q, 0))
          p1 = list(xCell, xRow, p1, at, (four >>> 8) & 255, i32.load(q, 4))
          p2 = list(xCell, xRow, p2, at, (four >>> 16) & 255, i32.load(q, 8))
          p3 = list(xCell, xRow, p3, at, four >>> 24, i32.load(q, 12))
          const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4.splat(four)))
          sum = f32x4.add(sum, v128.and(g, i32x4.lt_s(wide, i32x4.splat(DEAD))))
        }
      }
    }
    v128.store(db + (o << 2), sum)
    i32.store(counts + (o << 2), i32(p0 - l0) >> 3)
    i32.store(counts + (o << 2), i32(p1 - l0 - pitch) >> 3, 4)
    i32.store(counts + (o << 2), i32(p2 - l0 - 2 * pitch) >> 3, 8)
    i32.store(counts + (o << 2), i32(p3 - l0 - 3 * pitch) >> 3, 12)
  }
}

/** Writes one entry, and gives the place of the next: the same where this one is dead. */
// @ts-ignore: decorator
@inline
function list(xCell: i32, xRow: i32, p: usize, at: i32, tap: i32, bits: u32): usize {
  i64.store(p, i64(at + (tap >> 1) * xRow + (tap & 1) * xCell) | (i64(bits) << 32))
  return p + ((~tap & DEAD) << 1)
}

/**
 * dw[o,t] += Σ over o's list of gradient · x[offset + t], four floats of the window per t.
 *
 * offsets i32 [T]: where vector t of the window lies from its first cell. dw [Co][T][4]. T is a multiple of 3.
 *
 * Exploits: lanes along Kw·Cin, one gradient in all lanes; 6 sums in registers over a whole list.
 */
export function conv2d_sparse_dw(
  s: Conv, T: i32, offsets: usize, x: usize, lists: usize, capacity: i32, counts: usize, dw: usize,
): void {
  for (let o = 0; o < s.Co; o++, dw += T << 4) {
    const from = lists + o * (capacity << 3)
    const end = from + (i32.load(counts + (o << 2)) << 3)
    let t = 0
    for (; t + 6 <= T; t += 6) dw6(x, from, end, offsets + (t << 2), dw + (t << 4))
    if (t < T) dw3(x, from, end, offsets + (t << 2), dw + (t << 4))
  }
}

// @ts-ignore: decorator
@inline
function dw6(x: usize, e: usize, end: usize, offsets: usize, dw: usize): void {
  const x0 = x + i32.load(offsets), x1 = x + i32.load(offsets, 4), x2 = x + i32.load(offsets, 8)
  const x3 = x + i32.load(offsets, 12), x4 = x + i32.load(offsets, 16), x5 = x + i32.load(offsets, 20)
  let s0 = v128.load(dw), s1 = v128.load(dw, 16), s2 = v128.load(dw, 32)
  let s3 = v128.load(dw, 48), s4 = v128.load(dw, 64), s5 = v128.load(dw, 80)
  for (; e < end; e += 8) {
    const at = i32.load(e), g = splat(e + 4)
    s0 = madd(g, v128.load(x0 + at), s0); s1 = madd(g, v128.load(x1 + at), s1); s2 = madd(g, v128.load(x2 + at), s2)
    s3 = madd(g, v128.load(x3 + at), s3); s4 = madd(g, v128.load(x4 + at), s4); s5 = madd(g, v128.load(x5 + at), s5)
  }
  v128.store(dw, s0); v128.store(dw, s1, 16); v128.store(dw, s2, 32)
  v128.store(dw, s3, 48); v128.store(dw, s4, 64); v128.store(dw, s5, 80)
}

/** Three sums twice, for every other entry: a chain of additions per sum would wait for itself. */
// @ts-ignore: decorator
@inline
function dw3(x: usize, e: usize, end: usize, offsets: usize, dw: usize): void {
  const x0 = x + i32.load(offsets), x1 = x + i32.load(offsets, 4), x2 = x + i32.load(offsets, 8)
  let s0 = v128.load(dw), s1 = v128.load(dw, 16), s2 = v128.load(dw, 32)
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0
  if ((end - e) & 8) {
    const at = i32.load(e), g = splat(e + 4)
    s0 = madd(g, v128.load(x0 + at), s0); s1 = madd(g, v128.load(x1 + at), s1); s2 = madd(g, v128.load(x2 + at), s2)
    e += 8
  }
  for (; e < end; e += 16) {
    const at = i32.load(e), g = splat(e + 4), bt = i32.load(e, 8), f = splat(e + 12)
    s0 = madd(g, v128.load(x0 + at), s0); s1 = madd(g, v128.load(x1 + at), s1); s2 = madd(g, v128.load(x2 + at), s2)
    r0 = madd(f, v128.load(x0 + bt), r0); r1 = madd(f, v128.load(x1 + bt), r1); r2 = madd(f, v128.load(x2 + bt), r2)
  }
  v128.store(dw, f32x4.add(s0, r0)); v128.store(dw, f32x4.add(s1, r1), 16); v128.store(dw, f32x4.add(s2, r2), 32)
}

/**
 * dx[offset + t] += gradient · w[o,t] for every entry of every list: what is not listed costs nothing.
 *
 * w [Co][T][4], 0 where t is beyond the window. dx: the shape and border of x, 0 before the first call.
 */
export function conv2d_sparse_dx(
  s: Conv, T: i32, offsets: usize, w: usize, lists: usize, capacity: i32, counts: usize, dx: usize,
): void {
  for (let o = 0; o < s.Co; o++, w += T << 4) {
    const from = lists + o * (capacity << 3)
    const end = from + (i32.load(counts + (o << 2)) << 3)
    let t = 0
    for (; t + 6 <= T; t += 6) dx6(dx, from, end, offsets + (t << 2), w + (t << 4))
    if (t < T) dx3(dx, from, end, offsets + (t << 2), w + (t << 4))
  }
}

// @ts-ignore: decorator
@inline
function dx6(dx: usize, e: usize, end: usize, offsets: usize, w: usize): void {
  const x0 = dx + i32.load(offsets), x1 = dx + i32.load(offsets, 4), x2 = dx + i32.load(offsets, 8)
  const x3 = dx + i32.load(offsets, 12), x4 = dx + i32.load(offsets, 16), x5 = dx + i32.load(offsets, 20)
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32)
  const w3 = v128.load(w, 48), w4 = v128.load(w, 64), w5 = v128.load(w, 80)
  for (; e < end; e += 8) {
    const at = i32.load(e), g = splat(e + 4)
    v128.store(x0 + at, madd(g, w0, v128.load(x0 + at)))
    v128.store(x1 + at, madd(g, w1, v128.load(x1 + at)))
    v128.store(x2 + at, madd(g, w2, v128.load(x2 + at)))
    v128.store(x3 + at, madd(g, w3, v128.load(x3 + at)))
    v128.store(x4 + at, madd(g, w4, v128.load(x4 + at)))
    v128.store(x5 + at, madd(g, w5, v128.load(x5 + at)))
  }
}

// @ts-ignore: decorator
@inline
function dx3(dx: usize, e: usize, end: usize, offsets: usize, w: usize): void {
  const x0 = dx + i32.load(offsets), x1 = dx + i32.load(offsets, 4), x2 = dx + i32.load(offsets, 8)
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32)
  for (; e < end; e += 8) {
    const at = i32.load(e), g = splat(e + 4)
    v128.store(x0 + at, madd(g, w0, v128.load(x0 + at)))
    v128.store(x1 + at, madd(g, w1, v128.load(x1 + at)))
    v128.store(x2 + at, madd(g, w2, v128.load(x2 + at)))
  }
}
