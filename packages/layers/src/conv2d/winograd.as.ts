import { madd, splat } from '../../../tensor/src/simd/lanes.inline.as'
import { maximum } from './maximum.inline.as'
import { Conv } from './sizes.inline.as'

/** Tiles that go through the three stages at a time: their V and M stay in the first cache. A multiple of 4. */
const TILES = 16

/**
 * u [16][Co/8][Ci][8] = G·w·Gᵀ of w [Co/8][3][3][Ci][8].
 *
 * Source of all transforms here: Lavin and Gray (2016), F(2×2, 3×3).
 */
export function winograd_weight(Co: i32, Ci: i32, w: usize, u: usize): void {
  const pitch = (Co * Ci) << 2
  const row = Ci << 5
  for (let o = 0; o < Co; o += 8, w += 9 * row) {
    for (let c = 0; c < Ci << 5; c += 16, u += 16) {
      for (let j = 0; j < 3; j++) {
        const a = v128.load(w + j * row + c), b = v128.load(w + (3 + j) * row + c), d = v128.load(w + (6 + j) * row + c)
        const ad = f32x4.add(a, d), half = f32x4.splat(0.5)
        // Rows first: column j of G·w, kept where column j of u will be.
        v128.store(u + j * pitch, a)
        v128.store(u + (4 + j) * pitch, f32x4.mul(half, f32x4.add(ad, b)))
        v128.store(u + (8 + j) * pitch, f32x4.mul(half, f32x4.sub(ad, b)))
        v128.store(u + (12 + j) * pitch, d)
      }
      for (let i = 0; i < 4; i++) {
        const p = u + 4 * i * pitch
        const a = v128.load(p), b = v128.load(p + pitch), d = v128.load(p + 2 * pitch)
        const ad = f32x4.add(a, d), half = f32x4.splat(0.5)
        v128.store(p + pitch, f32x4.mul(half, f32x4.add(ad, b)))
        v128.store(p + 2 * pitch, f32x4.mul(half, f32x4.sub(ad, b)))
        v128.store(p + 3 * pitch, d)
      }
    }
  }
}

/**
 * conv2d_pool_forward for 3 × 3 and Ci a multiple of 4: a tile's 2 × 2 outputs are the pooling window.
 *
 * x, b, y, taps: as there. u: of winograd_weight. v [16][TILES][Ci] and m [16][TILES][Co] are scratch.
 *
 * Exploits: 16 products per tile and pair of channels instead of 36. A flat input still ties exactly: only product
 * (1,1) is not 0 then, and all four outputs are it. What is not finite spreads over its tile.
 */
export function conv2d_winograd_forward(
  s: Conv, Ci: i32, rectify: i32, count: i32, x: usize, u: usize, b: usize, y: usize, taps: usize, v: usize, m: usize,
): void {
  const W = s.Wo >> 1, area = (s.Ho >> 1) * W, all = count * area
  for (let first = 0; first < all; first += TILES) {
    const tiles = min(TILES, all - first)
    for (let t = 0; t < tiles; t++) {
      const n = (first + t) / area, h = ((first + t) % area) / W, w = (first + t) % W
      input(x + n * s.xImage + 2 * h * s.xRow + 2 * w * s.xCell, s.xCell, s.xRow, Ci, v + ((t * Ci) << 2))
    }
    products(Ci, s.Co, (tiles + 3) & ~3, v, u, m)
    for (let t = 0; t < tiles; t++) {
      const n = (first + t) / area, h = ((first + t) % area) / W, w = (first + t) % W
      const to = y + n * s.yImage + h * s.yRow + w * s.yCell
      output(m + ((t * s.Co) << 2), s.Co, b, rectify, to, taps + (first + t) * s.Co)
    }
  }
}

/** v = Bᵀ·d·B of the 4 × 4 cells at `d`, for each channel. */
// @ts-ignore: decorator
@inline
function input(d: usize, cell: i32, row: i32, Ci: i32, v: usize): void {
  const pitch = (TILES * Ci) << 2
  for (let c = 0; c < Ci << 2; c += 16, d += 16, v += 16) {
    const d1 = d + row, d2 = d1 + row
    inputRow(d, d2, cell, v, pitch, false)
    inputRow(d1, d2, cell, v + 4 * pitch, pitch, true)
    inputRow(d2, d1, cell, v + 8 * pitch, pitch, false)
    inputRow(d1, d2 + row, cell, v + 12 * pitch, pitch, false)
  }
}

/** One row of v, from the sum or the difference of two rows of d. */
// @ts-ignore: decorator
@inline
function inputRow(p: usize, q: usize, cell: i32, v: usize, pitch: i32, sum: bool): void {
  const a = both(p, q, sum), b = both(p + cell, q + cell, sum)
  const e = both(p + 2 * cell, q + 2 * cell, sum), f = both(p + 3 * cell, q + 3 * cell, sum)
  v128.store(v, f32x4.sub(a, e))
  v128.store(v + pitch, f32x4.add(b, e))
  v128.store(v + 2 * pitch, f32x4.sub(e, b))
  v128.store(v + 3 * pitch, f32x4.sub(b, f))
}

// @ts-ignore: decorator
@inline
function both(p: usize, q: usize, sum: bool): v128 {
  return sum ? f32x4.add(v128.load(p), v128.load(q)) : f32x4.sub(v128.load(p), v128.load(q))
}

/** m[p] = v[p]·u[p] for the 16 products p: 4 tiles × 8 channels at a time, as conv2d_forward. */
function products(Ci: i32, Co: i32, tiles: i32, v: usize, u: usize, m: usize): void {
  const bytes = Ci << 2
  for (let p = 0; p < 16; p++, v += TILES * bytes, m += (TILES * Co) << 2) {
    for (let o = 0; o < Co; o += 8, u += bytes << 3) {
      for (let t = 0; t < tiles; t += 4) {
        let p0 = v + t * bytes
        let p1 = p0 + bytes, p2 = p1 + bytes, p3 = p2 + bytes, w = u
        let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0
        for (const end = p1; p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4, w += 32) {
          const w0 = v128.load(w), w1 = v128.load(w, 16)
          const e0 = splat(p0), e1 = splat(p1), e2 = splat(p2), e3 = splat(p3)
          a0 = madd(e0, w0, a0); a1 = madd(e0, w1, a1)
          b0 = madd(e1, w0, b0); b1 = madd(e1, w1, b1)
          c0 = madd(e2, w0, c0); c1 = madd(e2, w1, c1)
          d0 = madd(e3, w0, d0); d1 = madd(e3, w1, d1)
        }
        let to = m + ((t * Co + o) << 2)
        v128.store(to, a0); v128.store(to, a1, 16)
        to += Co << 2
        v128.store(to, b0); v128.store(to, b1, 16)
        to += Co << 2
        v128.store(to, c0); v128.store(to, c1, 16)
        to += Co << 2
        v128.store(to, d0); v128.store(to, d1, 16)
      }
    }
  }
}

/** The maximum of Aᵀ·m·A, which are the four cells of the window, for each channel. */
// @ts-ignore: decorator
@inline
function output(m: usize, Co: i32, b: usize, rectify: i32, y: usize, taps: usize): void {
  const pitch = (TILES * Co) << 2
  for (let o = 0; o < Co; o += 4, m += 16, b += 16, y += 16, taps += 4) {
    const bias = v128.load(b)
    let p = m
    const r00 = upper(p, pitch), r10 = lower(p, pitch)
    p += pitch
    const r01 = upper(p, pitch), r11 = lower(p, pitch)
    p += pitch
    const r02 = upper(p, pitch), r12 = lower(p, pitch)
    p += pitch
    const r03 = upper(p, pitch), r13 = lower(p, pitch)
    const tap = maximum(
      f32x4.add(f32x4.add(f32x4.add(r00, r01), r02), bias),
      f32x4.add(f32x4.sub(f32x4.sub(r01, r02), r03), bias),
      f32x4.add(f32x4.add(f32x4.add(r10, r11), r12), bias),
      f32x4.add(f32x4.sub(f32x4.sub(r11, r12), r13), bias),
      rectify,
      y,
    )
    const pair = i16x8.narrow_i32x4_s(tap, tap)
    v128.store32_lane(taps, i8x16.narrow_i16x8_u(pair, pair), 0)
  }
}

/** Rows 0 + 1 + 2 of one column of m. */
// @ts-ignore: decorator
@inline
function upper(p: usize, pitch: i32): v128 {
  return f32x4.add(f32x4.add(v128.load(p), v128.load(p + 4 * pitch)), v128.load(p + 8 * pitch))
}

/** Rows 1 − 2 − 3 of one column of m. */
// @ts-ignore: decorator
@inline
function lower(p: usize, pitch: i32): v128 {
  return f32x4.sub(f32x4.sub(v128.load(p + 4 * pitch), v128.load(p + 8 * pitch)), v128.load(p + 12 * pitch))
}
