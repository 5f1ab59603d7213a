import { lanes, madd } from '../../../tensor/src/simd/lanes.inline.as'

/**
 * y[n,o] = b[o] + Σ_f x[n,f]·w[o,f], lanes along f.
 *
 * x [count] rows of `xRow` bytes, w [O] rows of `wRow` bytes, F a multiple of 4 (what is beyond in w is 0);
 * b [O]; y [count] rows of `yRow` bytes.
 *
 * Exploits: 4 samples × 2 outputs are 8 accumulators, and every load meets 2 or 4 products; 10 outputs waste nothing.
 */
export function linear_forward(
  count: i32, O: i32, F: i32, x: usize, xRow: i32, w: usize, wRow: i32, b: usize, y: usize, yRow: i32,
): void {
  for (let n = 0; n < count; n += 4) {
    for (let o = 0; o < O; o += 2) tile(n, count - 1, o, O - 1, F, x, xRow, w, wRow, b, y, yRow)
  }
}

// @ts-ignore: decorator
@inline
function tile(
  n: i32, lastN: i32, o: i32, lastO: i32, F: i32, x: usize, xRow: i32, w: usize, wRow: i32, b: usize, y: usize, yRow: i32,
): void {
  // Beyond the last sample and output, the last ones are computed again.
  const n1 = min(n + 1, lastN), n2 = min(n + 2, lastN), n3 = min(n + 3, lastN), o1 = min(o + 1, lastO)
  let p0 = x + n * xRow, p1 = x + n1 * xRow, p2 = x + n2 * xRow, p3 = x + n3 * xRow
  let q0 = w + o * wRow, q1 = w + o1 * wRow
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0
  for (const end = p0 + (F << 2); p0 < end; p0 += 16, p1 += 16, p2 += 16, p3 += 16, q0 += 16, q1 += 16) {
    const w0 = v128.load(q0), w1 = v128.load(q1)
    const e0 = v128.load(p0), e1 = v128.load(p1), e2 = v128.load(p2), e3 = v128.load(p3)
    a0 = madd(e0, w0, a0); a1 = madd(e1, w0, a1); a2 = madd(e2, w0, a2); a3 = madd(e3, w0, a3)
    b0 = madd(e0, w1, b0); b1 = madd(e1, w1, b1); b2 = madd(e2, w1, b2); b3 = madd(e3, w1, b3)
  }
  const f = f32.load(b + (o << 2)), g = f32.load(b + (o1 << 2))
  put(y + n * yRow, o, f + lanes(a0), o1, g + lanes(b0))
  put(y + n1 * yRow, o, f + lanes(a1), o1, g + lanes(b1))
  put(y + n2 * yRow, o, f + lanes(a2), o1, g + lanes(b2))
  put(y + n3 * yRow, o, f + lanes(a3), o1, g + lanes(b3))
}

// @ts-ignore: decorator
@inline
function put(y: usize, o: i32, value: f32, o1: i32, value1: f32): void {
  f32.store(y + (o << 2), value)
  f32.store(y + (o1 << 2), value1)
}
