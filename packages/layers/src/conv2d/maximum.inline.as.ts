import { select } from '../../../tensor/src/simd/lanes.inline.as'

/** What `taps` says where the rectified maximum is 0: no gradient comes back. */
// mutant: constant `4` → `5` is equivalent because what reads it asks for bit 2 alone
export const DEAD = 4

/**
 * Stores the maximum of four cells of 8 channels (a0 a1, b0 b1, …) and gives the cell that had it, a byte each.
 *
 * The two halves go side by side, with offsets that are constants: only then does a V8 that revectorises (`--turbo`)
 * join them to 256 bits, all the way up to the products: 4.7 → 3.1 µs an image in the first convolution of the seed.
 */
// @ts-ignore: decorator
@inline
export function maximum(
  a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128, rectify: i32, y: usize,
): v128 {
  let top0 = a0, top1 = a1
  let wins0 = beats(b0, top0), wins1 = beats(b1, top1)
  top0 = select(b0, top0, wins0); top1 = select(b1, top1, wins1)
  let tap0 = v128.and(i32x4.splat(1), wins0), tap1 = v128.and(i32x4.splat(1), wins1)
  wins0 = beats(c0, top0); wins1 = beats(c1, top1)
  top0 = select(c0, top0, wins0); top1 = select(c1, top1, wins1)
  tap0 = select(i32x4.splat(2), tap0, wins0); tap1 = select(i32x4.splat(2), tap1, wins1)
  wins0 = beats(d0, top0); wins1 = beats(d1, top1)
  top0 = select(d0, top0, wins0); top1 = select(d1, top1, wins1)
  tap0 = select(i32x4.splat(3), tap0, wins0); tap1 = select(i32x4.splat(3), tap1, wins1)
  if (rectify) {
    const zero = f32x4.splat(0), dead = i32x4.splat(DEAD)
    tap0 = select(dead, tap0, f32x4.le(top0, zero)); tap1 = select(dead, tap1, f32x4.le(top1, zero))
    top0 = v128.andnot(top0, f32x4.lt(top0, zero)); top1 = v128.andnot(top1, f32x4.lt(top1, zero))
  }
  v128.store(y, top0); v128.store(y, top1, 16)
  const pair = i16x8.narrow_i32x4_s(tap0, tap1)
  return i8x16.narrow_i16x8_u(pair, pair)
}

/** Stores the maximum of four cells of 8 channels, as `maximum`, when nobody asks which had it. */
// @ts-ignore: decorator
@inline
export function highest(
  a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128, rectify: i32, y: usize,
): void {
  let top0 = select(b0, a0, beats(b0, a0)), top1 = select(b1, a1, beats(b1, a1))
  top0 = select(c0, top0, beats(c0, top0)); top1 = select(c1, top1, beats(c1, top1))
  top0 = select(d0, top0, beats(d0, top0)); top1 = select(d1, top1, beats(d1, top1))
  if (rectify) {
    const zero = f32x4.splat(0)
    top0 = v128.andnot(top0, f32x4.lt(top0, zero)); top1 = v128.andnot(top1, f32x4.lt(top1, zero))
  }
  v128.store(y, top0); v128.store(y, top1, 16)
}

/** Where a later cell takes the maximum: it is larger, or NaN. */
// @ts-ignore: decorator
@inline
function beats(cell: v128, top: v128): v128 {
  return v128.or(f32x4.gt(cell, top), f32x4.ne(cell, cell))
}
