import { madd, splat, storeLanes } from './lanes.inline.as'

/**
 * C[r,f] = Σ_k A[r,k]·B[k,f], on top of what C holds where `add` is 1; lanes along f.
 *
 * a [R][K]: element (r,k) at a + r·ar + k·ak, so that a transposed A is a pair of strides.
 * b [K][F]: row k at b + k·bk. c [R][F]: row r at c + r·cr. Rows of b may be read up to 12 bytes beyond F.
 *
 * Tiles of 2 × 16 sums, and 4 × 4 for the last columns: 8 accumulators and 6 loads fit the 15 registers that V8 gives.
 */
export function gemm(
  a: usize, ar: i32, ak: i32, b: usize, bk: i32, c: usize, cr: i32, R: i32, K: i32, F: i32, add: i32,
): void {
  const wide = F & ~15
  for (let f = 0; f < wide; f += 16) {
    for (let r = 0; r < R; r += 2) tile2x16(a, ar, ak, b + (f << 2), bk, c + (f << 2), cr, r, R, K, add)
  }
  for (let f = wide; f < F; f += 4) {
    for (let r = 0; r < R; r += 4) tile4x4(a, ar, ak, b + (f << 2), bk, c + (f << 2), cr, r, R, K, F - f, add)
  }
}

function tile2x16(
  a: usize, ar: i32, ak: i32, b: usize, bk: i32, c: usize, cr: i32, r: i32, R: i32, K: i32, add: i32,
): void {
  // An odd last row is computed twice and stored once.
  const second = r + 1 < R
  let a0 = a + r * ar
  let a1 = second ? a0 + ar : a0
  const c0 = c + r * cr
  const c1 = c0 + cr
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0
  if (add) {
    s0 = v128.load(c0); s1 = v128.load(c0, 16); s2 = v128.load(c0, 32); s3 = v128.load(c0, 48)
    if (second) { t0 = v128.load(c1); t1 = v128.load(c1, 16); t2 = v128.load(c1, 32); t3 = v128.load(c1, 48) }
  }
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48)
    const p = splat(a0), q = splat(a1)
    s0 = madd(p, b0, s0); s1 = madd(p, b1, s1); s2 = madd(p, b2, s2); s3 = madd(p, b3, s3)
    t0 = madd(q, b0, t0); t1 = madd(q, b1, t1); t2 = madd(q, b2, t2); t3 = madd(q, b3, t3)
    a0 += ak; a1 += ak; b += bk
  }
  v128.store(c0, s0); v128.store(c0, s1, 16); v128.store(c0, s2, 32); v128.store(c0, s3, 48)
  if (second) { v128.store(c1, t0); v128.store(c1, t1, 16); v128.store(c1, t2, 32); v128.store(c1, t3, 48) }
}

function tile4x4(
  a: usize, ar: i32, ak: i32, b: usize, bk: i32, c: usize, cr: i32, r: i32, R: i32, K: i32, left: i32, add: i32,
): void {
  const last = R - 1
  let a0 = a + r * ar
  let a1 = a + min(r + 1, last) * ar
  let a2 = a + min(r + 2, last) * ar
  let a3 = a + min(r + 3, last) * ar
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
  for (let k = 0; k < K; k++) {
    const v = v128.load(b)
    s0 = madd(splat(a0), v, s0); s1 = madd(splat(a1), v, s1); s2 = madd(splat(a2), v, s2); s3 = madd(splat(a3), v, s3)
    a0 += ak; a1 += ak; a2 += ak; a3 += ak; b += bk
  }
  put(c + r * cr, s0, left, add)
  if (r + 1 <= last) put(c + (r + 1) * cr, s1, left, add)
  if (r + 2 <= last) put(c + (r + 2) * cr, s2, left, add)
  if (r + 3 <= last) put(c + (r + 3) * cr, s3, left, add)
}

// @ts-ignore: decorator
@inline
function put(c: usize, v: v128, left: i32, add: i32): void {
  storeLanes(c, add ? f32x4.add(v128.load(c), v) : v, left)
}
