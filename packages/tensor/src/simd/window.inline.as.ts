/** The sizes of a sliding window over an image: see window.ts. First of the sizes of a kernel, in this order. */
@unmanaged
export class Window {
  H: i32
  W: i32
  Kh: i32
  Kw: i32
  sh: i32
  sw: i32
  ph: i32
  pw: i32
  dh: i32
  dw: i32
  Ho: i32
  Wo: i32
}
