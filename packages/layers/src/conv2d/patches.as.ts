import { madd } from '../../../tensor/src/simd/lanes.inline.as'
import { Conv } from './sizes.inline.as'

/**
 * dx of a pooled 3 × 3 convolution of one channel, window by window: what all output channels add to the 4 × 4 cells that
 * a window reads is summed in registers first.
 *
 * taps, dy: as conv2d_lists. w [Co][4][4][4]: the 3 × 3 weight of channel o where winning cell t puts it among the 4 × 4,
 * zeros around it. dx: the shape and border of x, 0 before the first call; from the cell that the first window reads first.
 *
 * Exploits: with one channel a row of taps is less than a vector, and neighbours in a list write to the same cells, so that
 * each store of conv2d_sparse_dx waits for the last.
 */
export function conv2d_patches_dx(s: Conv, count: i32, taps: usize, dy: usize, w: usize, dx: usize): void {
  const H = s.Ho >> 1, W = s.Wo >> 1 // at least 1, as in pooled.as.ts
  const Co = s.Co, row = s.xRow
  for (let n = 0; n < count; n++) {
    for (let h = 0; h < H; h++) {
      let p = dx + n * s.xImage + 2 * h * row
      let q = dy + n * s.yImage + h * s.yRow
      // The right half of a window's patch is the left half of the next one's.
      let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0
      for (let v = 0; v < W; v++, q += s.yCell, taps += Co, p += 8) {
        let r0 = c0, r1 = c1, r2 = c2, r3 = c3
        let at = w
        for (let o = 0; o < Co; o++, at += 256) {
          const t = i32(load<u8>(taps + o))
          // Nothing where it is dead, even of a NaN: t is 4 there.
          const g = i32x4.splat(i32.load(q + (o << 2)) & ((t >> 2) - 1))
          const k = at + ((t & 3) << 6)
          r0 = madd(g, v128.load(k), r0)
          r1 = madd(g, v128.load(k, 16), r1)
          r2 = madd(g, v128.load(k, 32), r2)
          r3 = madd(g, v128.load(k, 48), r3)
        }
        addTwo(p, r0)
        addTwo(p + row, r1)
        addTwo(p + 2 * row, r2)
        addTwo(p + 3 * row, r3)
        c0 = rightHalf(r0); c1 = rightHalf(r1); c2 = rightHalf(r2); c3 = rightHalf(r3)
      }
      addTwo(p, c0)
      addTwo(p + row, c1)
      addTwo(p + 2 * row, c2)
      addTwo(p + 3 * row, c3)
    }
  }
}

/** Adds the first two lanes to two floats in memory. */
// @ts-ignore: decorator
@inline
function addTwo(p: usize, v: v128): void {
  v128.store64_lane(p, f32x4.add(v128.load64_zero(p), v), 0)
}

// @ts-ignore: decorator
@inline
function rightHalf(v: v128): v128 {
  return v128.shuffle<i32>(v, f32x4.splat(0), 2, 3, 4, 4)
}
