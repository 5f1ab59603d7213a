/** y = x · mask, elementwise: both ways. x, mask, y [count][floats], floats a multiple of 4. */
export function dropout_times(count: i32, floats: i32, x: usize, mask: usize, y: usize): void {
  for (let i = 0; i < (count * floats) << 2; i += 16) {
    v128.store(y + i, f32x4.mul(v128.load(x + i), v128.load(mask + i)))
  }
}
