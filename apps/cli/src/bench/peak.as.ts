/**
 * What a core can do: 8 sums in registers, 6 loads from the first cache and 8 multiply-adds a turn, as the fastest kernels
 * have it. A loop without loads runs oddly slowly on V8.
 *
 * p: 4096 bytes, and 96 more. 64 operations a turn.
 */
export function peak(p: usize, turns: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0
  for (let i = 0; i < turns; i++) {
    const q = p + ((i & 127) << 5)
    const w0 = v128.load(q, 64), w1 = v128.load(q, 80)
    const x0 = v128.load(q), x1 = v128.load(q, 16), x2 = v128.load(q, 32), x3 = v128.load(q, 48)
    s0 = f32x4.relaxed_madd(x0, w0, s0); s1 = f32x4.relaxed_madd(x0, w1, s1)
    s2 = f32x4.relaxed_madd(x1, w0, s2); s3 = f32x4.relaxed_madd(x1, w1, s3)
    s4 = f32x4.relaxed_madd(x2, w0, s4); s5 = f32x4.relaxed_madd(x2, w1, s5)
    s6 = f32x4.relaxed_madd(x3, w0, s6); s7 = f32x4.relaxed_madd(x3, w1, s7)
  }
  const a = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), b = f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7))
  return f32x4.extract_lane(f32x4.add(a, b), 0)
}
