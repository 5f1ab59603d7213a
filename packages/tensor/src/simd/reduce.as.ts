/**
 * sum[i] = slot 0 + slot 1 + … at i, always in this order, whatever thread filled them: the same bits on 1 and N threads.
 *
 * slots f32 [S] of `pitch` bytes; sum f32 [floats], a multiple of 16.
 */
export function reduce_slots(sum: usize, slots: usize, pitch: i32, S: i32, floats: i32): void {
  for (let i = 0; i < floats << 2; i += 16) {
    let total = v128.load(slots + i)
    for (let s = 1; s < S; s++) total = f32x4.add(total, v128.load(slots + s * pitch + i))
    v128.store(sum + i, total)
  }
}
