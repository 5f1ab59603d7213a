import { select } from '../../../tensor/src/simd/lanes.inline.as'
import { Window } from '../../../tensor/src/simd/window.inline.as'

/** The sizes of any pooling, channels last without border; strides in bytes. */
@unmanaged
class Pool extends Window {
  C: i32 // a multiple of 4
}

/**
 * y = the maximum of each window, at = the offset of its cell's float in the image, −1 where the window is all padding.
 *
 * x [count][H][W][C], y and at (i32) [count][Ho][Wo][C].
 * torch's rules: of ties the first, of several NaN the last, a window of −∞ gives its first cell inside the image.
 */
export function max_pool2d_forward(s: Pool, count: i32, x: usize, y: usize, at: usize): void {
  for (let n = 0; n < count; n++, x += (s.H * s.W * s.C) << 2) {
    for (let h = 0; h < s.Ho; h++) {
      for (let v = 0; v < s.Wo; v++) {
        for (let c = 0; c < s.C; c += 4, y += 16, at += 16) window(s, x, h, v, c, y, at)
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function window(s: Pool, x: usize, h: i32, v: i32, c: i32, y: usize, at: usize): void {
  let top = f32x4.splat(-Infinity)
  let place = i32x4.splat(-1)
  let first = true
  for (let i = 0; i < s.Kh; i++) {
    const a = h * s.sh + i * s.dh - s.ph
    if (a < 0 || a >= s.H) continue
    for (let j = 0; j < s.Kw; j++) {
      const b = v * s.sw + j * s.dw - s.pw
      if (b < 0 || b >= s.W) continue
      const offset = ((a * s.W + b) * s.C + c) << 2
      const value = v128.load(x + offset)
      let wins = v128.or(f32x4.gt(value, top), f32x4.ne(value, value))
      if (first) wins = i32x4.splat(-1)
      first = false
      top = select(value, top, wins)
      place = select(i32x4.add(i32x4.splat(offset), i32x4(0, 4, 8, 12)), place, wins)
    }
  }
  v128.store(y, top)
  v128.store(at, place)
}

/** dx[at] += dy: dx [count][H][W][C] is 0 before; windows may overlap. */
export function max_pool2d_backward(s: Pool, count: i32, dy: usize, at: usize, dx: usize): void {
  for (let n = 0; n < count; n++, dx += (s.H * s.W * s.C) << 2) {
    for (let i = 0; i < s.Ho * s.Wo * s.C; i++, dy += 4, at += 4) {
      const place = i32.load(at)
      // not finite: where a window is padding alone, all are, and no x has a gradient
      if (place >= 0) f32.store(dx + place, f32.load(dx + place) + f32.load(dy))
    }
  }
}
