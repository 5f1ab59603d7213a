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
