import { select } from '../../../tensor/src/simd/lanes.inline.as'

/** What `taps` says where the rectified maximum is 0: no gradient comes back. */
export const DEAD = 4

/** Stores the maximum of four cells and gives the cell that had it. */
// @ts-ignore: decorator
@inline
export function maximum(a: v128, b: v128, c: v128, d: v128, rectify: i32, y: usize): v128 {
  let top = a
  let tap = i32x4.splat(0)
  let wins = v128.or(f32x4.gt(b, top), f32x4.ne(b, b))
  top = select(b, top, wins)
  tap = v128.and(i32x4.splat(1), wins)
  wins = v128.or(f32x4.gt(c, top), f32x4.ne(c, c))
  top = select(c, top, wins)
  tap = select(i32x4.splat(2), tap, wins)
  wins = v128.or(f32x4.gt(d, top), f32x4.ne(d, d))
  top = select(d, top, wins)
  tap = select(i32x4.splat(3), tap, wins)
  if (rectify) {
    const zero = f32x4.splat(0)
    tap = select(i32x4.splat(DEAD), tap, f32x4.le(top, zero))
    top = v128.andnot(top, f32x4.lt(top, zero))
  }
  v128.store(y, top)
  return tap
}
