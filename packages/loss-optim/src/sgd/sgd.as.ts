import { madd } from '../../../tensor/src/simd/lanes.inline.as'

/**
 * p ← p − lr·d for [floats], a multiple of 4, with d = sign·g + decay·p; with momentum v ← momentum·v + keep·d first
 * (v ← d when `first`), and d = v, or d + momentum·v with `nesterov`.
 *
 * v may be 0 when momentum is 0. One pass: bound by memory, 4 µs for the seed's 9,098 parameters with the copies.
 */
export function sgd_step(
  floats: i32, p: usize, g: usize, v: usize, lr: f32, momentum: f32, keep: f32, decay: f32, sign: f32, nesterov: i32, first: i32,
): void {
  const rate = f32x4.splat(-lr), mu = f32x4.splat(momentum), part = f32x4.splat(keep)
  const lambda = f32x4.splat(decay), side = f32x4.splat(sign)
  for (const end = p + (floats << 2); p < end; p += 16, g += 16) {
    const old = v128.load(p)
    let d = f32x4.mul(side, v128.load(g))
    // As torch: without decay the parameter is not looked at, for 0 · ∞ is NaN.
    if (decay != 0) d = madd(lambda, old, d)
    if (v) {
      const m = first ? d : madd(mu, v128.load(v), f32x4.mul(part, d))
      v128.store(v, m)
      d = nesterov ? madd(mu, m, d) : m
      v += 16
    }
    v128.store(p, madd(rate, d, old))
  }
}
