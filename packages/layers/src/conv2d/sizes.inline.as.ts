/**
 * The sizes of a direct convolution (stride 1), laid down once when a network is planned; strides in bytes.
 *
 * x [n][Hx][Wx][channels] with a zero border as wide as the padding, so that no tap needs a test.
 * A row of taps is `J` runs of `R` floats: one run of Kw·Cin where the cells have no padded channels, else Kw of Cin.
 */
@unmanaged
export class Conv {
  Kh: i32
  J: i32
  R: i32
  Co: i32 // output channels, a multiple of 8
  Ho: i32
  Wo: i32
  xCell: i32
  xRow: i32
  xImage: i32
  yCell: i32
  yRow: i32
  yImage: i32
}
