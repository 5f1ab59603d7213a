/** y = x where not x < 0, else 0: −0 and NaN stay. x, y [count][floats], floats a multiple of 4; in place is fine. */
export function relu_forward(count: i32, floats: i32, x: usize, y: usize): void {
  const zero = f32x4.splat(0)
  for (let i = 0; i < (count * floats) << 2; i += 16) {
    const v = v128.load(x + i)
    v128.store(y + i, v128.andnot(v, f32x4.lt(v, zero)))
  }
}

/** dx = dy where not y ≤ 0, else 0: NaN passes its gradient. y is the output (or the input: the mask is the same). */
export function relu_backward(count: i32, floats: i32, y: usize, dy: usize, dx: usize): void {
  const zero = f32x4.splat(0)
  for (let i = 0; i < (count * floats) << 2; i += 16) {
    v128.store(dx + i, v128.andnot(v128.load(dy + i), f32x4.le(v128.load(y + i), zero)))
  }
}
