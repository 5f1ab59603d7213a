import { madd, splat } from '../../../tensor/src/simd/lanes.inline.as'
import { DEAD, highest, maximum } from './maximum.inline.as'
import { Conv } from './sizes.inline.as'

/**
 * A convolution with a 2 × 2 maximum (and, with `rectify`, max(0, ·)) behind it: its own output is never stored.
 *
 * x, w, b: as conv2d_forward. y [n][Ho/2][Wo/2][Co] at the strides of s.
 * taps u8 [n][Ho/2][Wo/2][Co]: which cell of the window had the maximum (0 to 3, row-major), DEAD where y is 0; or 0.
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
  const H = s.Ho >> 1, W = s.Wo >> 1 // at least 1: only what has a window is pooled
  const step = taps ? Co : 0
  for (let n = 0; n < count; n++) {
    for (let o = 0; o < Co; o += 8) {
      for (let h = 0; h < H; h++) {
        let p = x + n * s.xImage + h * 2 * xRow
        let q = y + n * s.yImage + h * s.yRow + (o << 2)
        let t = taps ? taps + n * H * W * Co + h * W * Co + o : 0
        for (const end = q + W * yCell; q < end; q += yCell, p += 2 * xCell, t += step) {
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
  if (t) v128.store64_lane(t, maximum(a0, a1, b0, b1, c0, c1, d0, d1, rectify, y), 0)
  else highest(a0, a1, b0, b1, c0, c1, d0, d1, rectify, y)
}

/**
 * The gradient of a pooled convolution as one list per channel: (offset of the winning cell in x, gradient), 8 bytes
 * each, dead ones left out. Also db[o] += Σ of the gradients listed.
 *
 * taps: as above. dy [n][Ho/2][Wo/2][Co] at the strides of s. lists [Co][capacity][8 bytes], counts i32 [Co].
 *
 * Exploits: three of four cells of a pooled convolution's output have no gradient, and ReLU silences about half of
 * the rest. Columns run outermost: neighbours in a list then write to other rows of dx, 2× faster than row-major.
 * Four channels at a time, offsets looked up by a byte shuffle: 2.9 µs an image of the seed network, 4.7 one by one.
 */
export function conv2d_lists(
  s: Conv, count: i32, taps: usize, dy: usize, lists: usize, capacity: i32, counts: usize, db: usize,
): void {
  const H = s.Ho >> 1, W = s.Wo >> 1 // at least 1, as above
  const pitch = capacity << 3
  const xCell = s.xCell, xRow = s.xRow, yRow = s.yRow, Co = s.Co
  const cells = i32x4(0, xCell, xRow, xRow + xCell)
  for (let o = 0; o < Co; o += 4) {
    const l0 = lists + o * pitch
    let p0 = l0, p1 = l0 + pitch, p2 = p1 + pitch, p3 = p2 + pitch
    let sum = v128.load(db + (o << 2))
    for (let n = 0; n < count; n++) {
      for (let v = 0; v < W; v++) {
        let t = taps + (n * H * W + v) * Co + o
        let q = dy + n * s.yImage + v * s.yCell + (o << 2)
        let at = n * s.xImage + 2 * v * xCell
        for (const end = q + H * yRow; q < end; t += W * Co, q += yRow, at += 2 * xRow) {
          const four = i32.load(t)
          if (four == 0x04040404) continue
          const g = v128.load(q), tap = spread(four)
          const place = i32x4.add(i32x4.splat(at), i8x16.swizzle(cells, i32x4.add(i32x4.shl(tap, 2), i32x4.splat(0x03020100))))
          sum = f32x4.add(sum, v128.and(g, i32x4.lt_s(tap, i32x4.splat(DEAD << 24))))
          const low = v128.shuffle<i32>(place, g, 0, 4, 1, 5), high = v128.shuffle<i32>(place, g, 2, 6, 3, 7)
          // A dead one is written too, and the place of the next one stays.
          const step = (~four & 0x04040404) << 1
          v128.store64_lane(p0, low, 0)
          v128.store64_lane(p1, low, 1)
          v128.store64_lane(p2, high, 0)
          v128.store64_lane(p3, high, 1)
          p0 += step & 255; p1 += (step >>> 8) & 255; p2 += (step >>> 16) & 255; p3 += step >>> 24
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

/** Each of the 4 bytes of `four` in the 4 bytes of its lane. */
// @ts-ignore: decorator
@inline
function spread(four: i32): v128 {
  return v128.shuffle<i8>(i32x4.splat(four), i32x4.splat(0), 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
}

/**
 * dw[o,t] += Σ over o's list of gradient · x[offset + t], four floats of the window per t.
 *
 * offsets i32 [2][T]: where vector t of the window lies from its first cell; then 1 where the six from t on lie side
 * by side. dw [Co][T][4]. T is a multiple of 3.
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
    for (; t + 6 <= T; t += 6) {
      const at = offsets + (t << 2)
      if (i32.load(at + (T << 2))) dwRun(x + i32.load(at), from, end, dw + (t << 4))
      else dw6(x, from, end, at, dw + (t << 4))
    }
    if (t < T) dw3(x, from, end, offsets + (t << 2), dw + (t << 4))
  }
}

/** dw6 where the six lie side by side: see dxRun. */
// @ts-ignore: decorator
@inline
function dwRun(x: usize, e: usize, end: usize, dw: usize): void {
  let s0 = v128.load(dw), s1 = v128.load(dw, 16), s2 = v128.load(dw, 32)
  let s3 = v128.load(dw, 48), s4 = v128.load(dw, 64), s5 = v128.load(dw, 80)
  for (; e < end; e += 8) {
    const p = x + i32.load(e), g = v128.load32_splat(e, 4)
    s0 = madd(g, v128.load(p), s0); s1 = madd(g, v128.load(p, 16), s1); s2 = madd(g, v128.load(p, 32), s2)
    s3 = madd(g, v128.load(p, 48), s3); s4 = madd(g, v128.load(p, 64), s4); s5 = madd(g, v128.load(p, 80), s5)
  }
  v128.store(dw, s0); v128.store(dw, s1, 16); v128.store(dw, s2, 32)
  v128.store(dw, s3, 48); v128.store(dw, s4, 64); v128.store(dw, s5, 80)
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
    for (; t + 6 <= T; t += 6) {
      const at = offsets + (t << 2)
      if (i32.load(at + (T << 2))) dxRun(dx + i32.load(at), from, end, w + (t << 4))
      else dx6(dx, from, end, at, w + (t << 4))
    }
    if (t < T) dx3(dx, from, end, offsets + (t << 2), w + (t << 4))
  }
}

/**
 * dx6 where the six lie side by side, as a row of 3 × 3 over 8 channels does: a V8 that revectorises (`--turbo`) joins
 * them to 256 bits, 5.4 → 4.4 µs an image; without it nothing is gained.
 */
// @ts-ignore: decorator
@inline
function dxRun(dx: usize, e: usize, end: usize, w: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32)
  const w3 = v128.load(w, 48), w4 = v128.load(w, 64), w5 = v128.load(w, 80)
  for (; e < end; e += 8) {
    const p = dx + i32.load(e), g = v128.load32_splat(e, 4)
    const d0 = madd(g, w0, v128.load(p)), d1 = madd(g, w1, v128.load(p, 16)), d2 = madd(g, w2, v128.load(p, 32))
    const d3 = madd(g, w3, v128.load(p, 48)), d4 = madd(g, w4, v128.load(p, 64)), d5 = madd(g, w5, v128.load(p, 80))
    v128.store(p, d0); v128.store(p, d1, 16); v128.store(p, d2, 32)
    v128.store(p, d3, 48); v128.store(p, d4, 64); v128.store(p, d5, 80)
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
