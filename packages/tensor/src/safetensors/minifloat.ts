/**
 * A floating-point format of few bits: sign, exponent, mantissa.
 *
 * `special` says which codes are no numbers: the highest exponent (`ieee`), only the highest exponent with the
 * highest mantissa (`all-ones`), only the code of −0 (`negative-zero`), or `none`.
 */
export interface MiniFloat {
  readonly exponent: number
  readonly mantissa: number
  readonly bias: number
  readonly special: 'ieee' | 'all-ones' | 'negative-zero' | 'none'
}

const EXPONENT = 0x7f800000
const QUIET = 0x00400000
/** The NaN that torch gives for a format that has only one. */
const ONLY_NAN = 0x7f800001

const scratch = new Float32Array(1)
const scratchBits = new Uint32Array(scratch.buffer)

/**
 * The float32 bits of a code, as torch's `.float()`: the same number exactly; a NaN quiet, with its sign and payload.
 *
 * Source: IEEE 754-2019 §3.4 and §6.2.1; OCP 8-bit floating point 1.0; OCP microscaling formats 1.0; for the fnuz
 * formats B. Noune et al., "8-bit numerical formats for deep neural networks", arXiv:2206.02915.
 */
function toFloat32Bits(code: number, { exponent, mantissa, bias, special }: MiniFloat): number {
  const sign = (code >>> (exponent + mantissa)) & 1
  const top = 2 ** exponent - 1
  const e = (code >>> mantissa) & top
  const m = code & (2 ** mantissa - 1)
  if (special === 'negative-zero' && sign === 1 && e === 0 && m === 0) return ONLY_NAN
  if (e === top && (special === 'ieee' || (special === 'all-ones' && m === 2 ** mantissa - 1))) {
    return (sign << 31) | EXPONENT | (m === 0 ? 0 : QUIET) | (m << (23 - mantissa))
  }
  const magnitude =
    e === 0 ? m * 2 ** (1 - bias - mantissa) : (2 ** mantissa + m) * 2 ** (e - bias - mantissa)
  scratch[0] = sign === 1 ? -magnitude : magnitude
  return scratchBits[0]
}

/** The float32 bits of every code of a format. */
export function widenTable(format: MiniFloat): Uint32Array {
  const codes = 2 ** (1 + format.exponent + format.mantissa)
  return Uint32Array.from({ length: codes }, (_, code) => toFloat32Bits(code, format))
}

/** The float32 bits of the 256 powers of two 2^(code − 127); 255 is NaN. */
export function powerTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, code) => {
    scratch[0] = 2 ** (code - 127)
    return code === 255 ? ONLY_NAN : scratchBits[0]
  })
}

/** The float32 bits of every bfloat16, which is the upper half of a float32. */
export function upperHalfTable(): Uint32Array {
  return Uint32Array.from({ length: 65_536 }, (_, code) => code << 16)
}

/** Each code's float32, through bits: a NaN assigned as a number could lose its payload. */
export function widen(codes: Uint8Array | Uint16Array, table: Uint32Array): Float32Array {
  const bits = new Uint32Array(codes.length)
  for (let i = 0; i < codes.length; i++) bits[i] = table[codes[i]]!
  return new Float32Array(bits.buffer)
}
