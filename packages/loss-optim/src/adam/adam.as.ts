import { madd } from '../../../tensor/src/simd/lanes.inline.as'

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − rate·m / (√v/correction + ε) for [floats], a multiple of 4, with
 * g ← sign·g + decay·p first; with `largest` (not 0) its running maximum of v takes v's place.
 */
export function adam_step(
  floats: i32, p: usize, g: usize, m: usize, v: usize, largest: usize,
  rate: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, eps: f32, correction: f32, decay: f32, sign: f32,
): void {
  const b1 = f32x4.splat(beta1), b2 = f32x4.splat(beta2), r1 = f32x4.splat(rest1), r2 = f32x4.splat(rest2)
  const lambda = f32x4.splat(decay), side = f32x4.splat(sign), step = f32x4.splat(-rate)
  const small = f32x4.splat(eps), scale = f32x4.splat(correction)
  for (const end = p + (floats << 2); p < end; p += 16, g += 16, m += 16, v += 16) {
    const old = v128.load(p)
    let d = f32x4.mul(side, v128.load(g))
    // As torch: without decay the parameter is not looked at, for 0 · ∞ is NaN.
    if (decay != 0) d = madd(lambda, old, d)
    const mean = madd(b1, v128.load(m), f32x4.mul(r1, d))
    let square = madd(b2, v128.load(v), f32x4.mul(r2, f32x4.mul(d, d)))
    v128.store(m, mean)
    v128.store(v, square)
    if (largest) {
      square = f32x4.max(v128.load(largest), square)
      v128.store(largest, square)
      largest += 16
    }
    const spread = f32x4.add(f32x4.div(f32x4.sqrt(square), scale), small)
    v128.store(p, madd(step, f32x4.div(mean, spread), old))
  }
}
