import { lanes, madd } from '../../../tensor/src/simd/lanes.inline.as'

/**
 * Softmax with the loss's gradient, sample by sample.
 *
 * z, g [count] rows of C4 floats (C rounded up to 4): logits, and g = (softmax(z) − onehot(t))·scale, 0 where t is
 * `ignore`; targets i32 [count]; g may be 0 for no gradient; `scale` points at 1/N of the whole batch.
 * stats f32 [count][4]: z[t] − max, Σ exp(z − max), and (as i32) the first class with the largest logit.
 */
export function cross_entropy(
  count: i32, C: i32, z: usize, targets: usize, ignore: i32, scale: usize, g: usize, stats: usize,
): void {
  const bytes = ((C + 3) & ~3) << 2
  for (let n = 0; n < count; n++, z += bytes, targets += 4, stats += 16) {
    const t = i32.load(targets)
    const best = largest(z, C)
    const max = f32.load(z + (best << 2))
    // A −∞ maximum is infinite minus itself: NaN, as torch's.
    let sums = f32x4.splat(0)
    for (let c = 0; c < C; c += 4) {
      const e = exp(f32x4.sub(v128.load(z + (c << 2)), f32x4.splat(max)))
      const kept = v128.and(e, i32x4.lt_s(i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3)), i32x4.splat(C)))
      sums = f32x4.add(sums, kept)
      if (g) v128.store(g + (c << 2), kept)
    }
    const sum = lanes(sums)
    f32.store(stats, t == ignore ? 0 : f32.load(z + (t << 2)) - max)
    f32.store(stats, t == ignore ? 1 : sum, 4)
    i32.store(stats, best, 8)
    if (!g) continue
    gradient(g, C, t, ignore, f32.load(scale), sum)
    g += bytes
  }
}

function gradient(g: usize, C: i32, t: i32, ignore: i32, scale: f32, sum: f32): void {
  // Of an ignored sample 0 · softmax: NaN where that is NaN, as torch's.
  const factor = f32x4.splat((t == ignore ? 0 : scale) / sum)
  for (let c = 0; c < C; c += 4) v128.store(g + (c << 2), f32x4.mul(v128.load(g + (c << 2)), factor))
  if (t != ignore) f32.store(g + (t << 2), f32.load(g + (t << 2)) - scale)
}

/** The first index of the largest of z [C]; a NaN counts as the largest, so that it spreads. */
function largest(z: usize, C: i32): i32 {
  let best = 0
  let max = f32.load(z)
  for (let c = 1; c < C; c++) {
    const value = f32.load(z + (c << 2))
    // not finite: a NaN, whose class and loss are compared
    if (value > max || (value != value && max == max)) {
      max = value
      best = c
    }
  }
  return best
}

/** e^x for x ≤ 0 or NaN, within 2 ULP; 0 below −104. Source: Cephes expf (Moshier). */
// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)))
  let r = madd(n, f32x4.splat(-0.693359375), x)
  r = madd(n, f32x4.splat(2.12194440e-4), r)
  let p = madd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3))
  p = madd(p, r, f32x4.splat(8.3334519073e-3))
  p = madd(p, r, f32x4.splat(4.1665795894e-2))
  p = madd(p, r, f32x4.splat(1.6666665459e-1))
  p = madd(p, r, f32x4.splat(5.0000001201e-1))
  p = madd(f32x4.mul(r, r), p, f32x4.add(r, f32x4.splat(1)))
  // 2ⁿ in two factors, so that what is below 2⁻¹²⁶ comes out denormal.
  const k = i32x4.trunc_sat_f32x4_s(n)
  const half = i32x4.shr_s(k, 1)
  const e = f32x4.mul(f32x4.mul(p, twoTo(half)), twoTo(i32x4.sub(k, half)))
  return v128.andnot(e, f32x4.lt(x, f32x4.splat(-104)))
}

/** 2^k for −127 < k < 128. */
// @ts-ignore: decorator
@inline
function twoTo(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23)
}
