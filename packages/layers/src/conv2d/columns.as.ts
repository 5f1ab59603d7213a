import { gemm } from '../../../tensor/src/simd/gemm.as'
import { Window } from '../../../tensor/src/simd/window.inline.as'

/**
 * The sizes of any convolution, for the path through columns; strides in bytes. x has no border: taps in the padding
 * are tested for here.
 */
@unmanaged
class Columns extends Window {
  xCell: i32
  xRow: i32
  xImage: i32
  yCell: i32
  yImage: i32
  groups: i32
  Ci: i32 // input channels of a group
  Co: i32 // output channels of a group
}

/** X [Ho·Wo][Kh·Kw][C] = the C channels of x [H][W] at each tap of each window, 0 in the padding. */
function unfold(s: Columns, C: i32, x: usize, X: usize): void {
  const bytes = C << 2
  for (let h = 0; h < s.Ho; h++) {
    for (let v = 0; v < s.Wo; v++) {
      for (let i = 0; i < s.Kh; i++) {
        const y = h * s.sh + i * s.dh - s.ph
        for (let j = 0; j < s.Kw; j++, X += bytes) {
          const u = v * s.sw + j * s.dw - s.pw
          if (y < 0 || y >= s.H || u < 0 || u >= s.W) memory.fill(X, 0, bytes)
          else memory.copy(X, x + y * s.xRow + u * s.xCell, bytes)
        }
      }
    }
  }
}

/** dx[cell] += every entry of X [Ho·Wo][Kh·Kw][C] that was read from it: the transpose of unfold. */
function fold(s: Columns, C: i32, X: usize, dx: usize): void {
  for (let h = 0; h < s.Ho; h++) {
    for (let v = 0; v < s.Wo; v++) {
      for (let i = 0; i < s.Kh; i++) {
        const y = h * s.sh + i * s.dh - s.ph
        for (let j = 0; j < s.Kw; j++, X += C << 2) {
          const u = v * s.sw + j * s.dw - s.pw
          if (y < 0 || y >= s.H || u < 0 || u >= s.W) continue
          let to = dx + y * s.xRow + u * s.xCell
          for (let from = X; from < X + (C << 2); from += 4, to += 4) f32.store(to, f32.load(to) + f32.load(from))
        }
      }
    }
  }
}


/**
 * Any convolution: columns, then a matrix product for each group.
 *
 * x [count][H][W][groups·Ci] and y [count][Ho·Wo][groups·Co] at their strides; X [Ho·Wo][K] is scratch, with
 * K = Kh·Kw·Ci. w [groups][K][Co4], b [groups·Co], Co4 = Co rounded up to 4.
 */
export function conv2d_columns_forward(s: Columns, count: i32, x: usize, X: usize, w: usize, b: usize, y: usize): void {
  const K = s.Kh * s.Kw * s.Ci, L = s.Ho * s.Wo, pitch = ((s.Co + 3) & ~3) << 2
  for (let n = 0; n < count; n++, x += s.xImage, y += s.yImage) {
    for (let l = 0; l < L; l++) memory.copy(y + l * s.yCell, b, (s.groups * s.Co) << 2)
    for (let g = 0; g < s.groups; g++) {
      unfold(s, s.Ci, x + ((g * s.Ci) << 2), X)
      gemm(X, K << 2, 4, w + g * K * pitch, pitch, y + ((g * s.Co) << 2), s.yCell, L, K, s.Co, 1)
    }
  }
}

/** dw [groups][K][Co4] += Xᵀ·dy. The other buffers as above. */
export function conv2d_columns_dw(s: Columns, count: i32, x: usize, X: usize, dy: usize, dw: usize): void {
  const K = s.Kh * s.Kw * s.Ci, L = s.Ho * s.Wo, pitch = ((s.Co + 3) & ~3) << 2
  for (let n = 0; n < count; n++, x += s.xImage, dy += s.yImage) {
    for (let g = 0; g < s.groups; g++) {
      unfold(s, s.Ci, x + ((g * s.Ci) << 2), X)
      gemm(X, 4, K << 2, dy + ((g * s.Co) << 2), s.yCell, dw + g * K * pitch, pitch, K, L, s.Co, 1)
    }
  }
}

/** dx += fold(dy·wᵀ), w [groups][Co][K4] with K4 = K rounded up to 4. The other buffers as above. */
export function conv2d_columns_dx(s: Columns, count: i32, dy: usize, w: usize, X: usize, dx: usize): void {
  const K = s.Kh * s.Kw * s.Ci, L = s.Ho * s.Wo, pitch = ((K + 3) & ~3) << 2
  for (let n = 0; n < count; n++, dx += s.xImage, dy += s.yImage) {
    for (let g = 0; g < s.groups; g++) {
      gemm(dy + ((g * s.Co) << 2), s.yCell, 4, w + g * s.Co * pitch, pitch, X, K << 2, L, s.Co, K, 0)
      fold(s, s.Ci, X, dx + ((g * s.Ci) << 2))
    }
  }
}
