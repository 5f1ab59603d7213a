import { madd, splat } from '../../../tensor/src/simd/lanes.inline.as'
import { highest, maximum } from './maximum.inline.as'
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
  const Co = s.Co, xCell = s.xCell, xRow = s.xRow, yCell = s.yCell
  const H = s.Ho >> 1, W = s.Wo >> 1, area = H * W, all = count * area // at least 1, as in pooled.as.ts
  // From the end of a row of tiles to the next row, and of an image to the next image: dividing per tile took 0.5 µs an image.
  const xNext = 2 * (xRow - W * xCell), yNext = s.yRow - W * yCell
  // An odd last row has no tile: what the tiles have passed is twice their rows.
  const xOver = s.xImage - 2 * H * xRow, yOver = s.yImage - H * s.yRow
  const step = taps ? Co : 0
  let column = 0, read = 0, place = 0, written = 0
  for (let first = 0; first < all; first += TILES) {
    const tiles = min(TILES, all - first) // at least 1
    for (let t = 0; t < tiles; t++, x += 2 * xCell) {
      input(x, xCell, xRow, Ci, v + ((t * Ci) << 2))
      if (++column == W) { x += xNext; column = 0 }
      if (++read == area) { x += xOver; read = 0 }
    }
    products(Ci, Co, (tiles + 3) & ~3, v, u, m)
    for (let t = 0; t < tiles; t++, y += yCell, taps += step) {
      output(m + ((t * Co) << 2), Co, b, rectify, y, taps)
      if (++place == W) { y += yNext; place = 0 }
      if (++written == area) { y += yOver; written = 0 }
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

/** m[p] = v[p]·u[p] for the 16 products p: 4 tiles × 8 channels at a time, as conv2d_forward. Ci a multiple of 4. */
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

/** The maximum of Aᵀ·m·A, which are the four cells of the window, for 8 channels at a time: see `maximum`. */
// @ts-ignore: decorator
@inline
function output(m: usize, Co: i32, b: usize, rectify: i32, y: usize, taps: usize): void {
  const pitch = (TILES * Co) << 2, step = taps ? 8 : 0
  for (const end = m + (Co << 2); m < end; m += 32, b += 32, y += 32, taps += step) {
    let p = m
    let u0 = upper0(p, pitch), u1 = upper1(p, pitch), l0 = lower0(p, pitch), l1 = lower1(p, pitch)
    let a0 = u0, a1 = u1, c0 = l0, c1 = l1
    p += pitch
    u0 = upper0(p, pitch); u1 = upper1(p, pitch); l0 = lower0(p, pitch); l1 = lower1(p, pitch)
    a0 = f32x4.add(a0, u0); a1 = f32x4.add(a1, u1); c0 = f32x4.add(c0, l0); c1 = f32x4.add(c1, l1)
    let b0 = u0, b1 = u1, d0 = l0, d1 = l1
    p += pitch
    u0 = upper0(p, pitch); u1 = upper1(p, pitch); l0 = lower0(p, pitch); l1 = lower1(p, pitch)
    a0 = f32x4.add(a0, u0); a1 = f32x4.add(a1, u1); c0 = f32x4.add(c0, l0); c1 = f32x4.add(c1, l1)
    b0 = f32x4.sub(b0, u0); b1 = f32x4.sub(b1, u1); d0 = f32x4.sub(d0, l0); d1 = f32x4.sub(d1, l1)
    p += pitch
    u0 = upper0(p, pitch); u1 = upper1(p, pitch); l0 = lower0(p, pitch); l1 = lower1(p, pitch)
    b0 = f32x4.sub(b0, u0); b1 = f32x4.sub(b1, u1); d0 = f32x4.sub(d0, l0); d1 = f32x4.sub(d1, l1)
    const e0 = v128.load(b), e1 = v128.load(b, 16)
    a0 = f32x4.add(a0, e0); a1 = f32x4.add(a1, e1); b0 = f32x4.add(b0, e0); b1 = f32x4.add(b1, e1)
    c0 = f32x4.add(c0, e0); c1 = f32x4.add(c1, e1); d0 = f32x4.add(d0, e0); d1 = f32x4.add(d1, e1)
    if (taps) v128.store64_lane(taps, maximum(a0, a1, b0, b1, c0, c1, d0, d1, rectify, y), 0)
    else highest(a0, a1, b0, b1, c0, c1, d0, d1, rectify, y)
  }
}

/** Rows 0 + 1 + 2 of one column of m: its first 4 channels, and the next 4. */
// @ts-ignore: decorator
@inline
function upper0(p: usize, pitch: i32): v128 {
  return f32x4.add(f32x4.add(v128.load(p), v128.load(p + 4 * pitch)), v128.load(p + 8 * pitch))
}

// @ts-ignore: decorator
@inline
function upper1(p: usize, pitch: i32): v128 {
  return f32x4.add(f32x4.add(v128.load(p, 16), v128.load(p + 4 * pitch, 16)), v128.load(p + 8 * pitch, 16))
}

/** Rows 1 − 2 − 3 of one column of m: its first 4 channels, and the next 4. */
// @ts-ignore: decorator
@inline
function lower0(p: usize, pitch: i32): v128 {
  return f32x4.sub(f32x4.sub(v128.load(p + 4 * pitch), v128.load(p + 8 * pitch)), v128.load(p + 12 * pitch))
}

// @ts-ignore: decorator
@inline
function lower1(p: usize, pitch: i32): v128 {
  return f32x4.sub(f32x4.sub(v128.load(p + 4 * pitch, 16), v128.load(p + 8 * pitch, 16)), v128.load(p + 12 * pitch, 16))
}
