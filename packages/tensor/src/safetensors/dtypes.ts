import type { DataOf, DType } from '../dtype.ts'
import { quote, SafetensorsError } from './error.ts'
import { type MiniFloat, powerTable, upperHalfTable, widen, widenTable } from './minifloat.ts'

/** How one dtype of the format is read: its size, and the elements that its bytes hold in one of ours. */
interface Reading {
  readonly bits: number
  /** `buffer` holds exactly the tensor's bytes. */
  readonly read: (buffer: ArrayBuffer) => DataOf<DType>
  /** Axes that are added behind the shape in the file: the real and the imaginary part of a complex number. */
  readonly tail?: readonly number[]
}

/** Float formats are widened to float32, which holds each of their numbers exactly. */
function float(bits: 4 | 8 | 16, makeTable: () => Uint32Array): Reading {
  let table: Uint32Array | undefined
  const codes = {
    4: nibbles,
    8: (b: ArrayBuffer) => new Uint8Array(b),
    16: (b: ArrayBuffer) => new Uint16Array(b),
  }
  return { bits, read: (buffer) => widen(codes[bits](buffer), (table ??= makeTable())) }
}

function mini(bits: 4 | 8 | 16, exponent: number, bias: number, special: MiniFloat['special']): Reading {
  return float(bits, () => widenTable({ exponent, mantissa: bits - 1 - exponent, bias, special }))
}

/** Two codes a byte, the low half first, as torch's `float4_e2m1fn_x2`. */
function nibbles(buffer: ArrayBuffer): Uint8Array {
  const codes = new Uint8Array(2 * buffer.byteLength)
  new Uint8Array(buffer).forEach((byte, i) => {
    codes[2 * i] = byte & 15
    codes[2 * i + 1] = byte >>> 4
  })
  return codes
}

function unsigned64(buffer: ArrayBuffer): BigInt64Array {
  const signed = new BigInt64Array(buffer)
  const at = signed.findIndex((value) => value < 0n)
  if (at >= 0) {
    const value = BigInt.asUintN(64, signed[at])
    throw new SafetensorsError(`element ${at} is ${value}: a U64 beyond 2⁶³ − 1 does not fit int64`)
  }
  return signed
}

function sixBits(): never {
  throw new SafetensorsError(
    '6-bit floats are not read: the format does not say in which order bytes hold them',
  )
}

/** Typed arrays have the byte order of the machine, which is the format's, little-endian, wherever this runs. */
const readings = new Map<string, Reading>([
  ['BOOL', { bits: 8, read: (buffer) => new Uint8Array(buffer) }],
  ['F4', mini(4, 2, 1, 'none')],
  ['F6_E2M3', { bits: 6, read: sixBits }],
  ['F6_E3M2', { bits: 6, read: sixBits }],
  ['U8', { bits: 8, read: (buffer) => new Uint8Array(buffer) }],
  ['I8', { bits: 8, read: (buffer) => new Int32Array(new Int8Array(buffer)) }],
  ['F8_E5M2', mini(8, 5, 15, 'ieee')],
  ['F8_E4M3', mini(8, 4, 7, 'all-ones')],
  ['F8_E8M0', float(8, powerTable)],
  ['F8_E4M3FNUZ', mini(8, 4, 8, 'negative-zero')],
  ['F8_E5M2FNUZ', mini(8, 5, 16, 'negative-zero')],
  ['I16', { bits: 16, read: (buffer) => new Int32Array(new Int16Array(buffer)) }],
  ['U16', { bits: 16, read: (buffer) => new Int32Array(new Uint16Array(buffer)) }],
  ['F16', mini(16, 5, 15, 'ieee')],
  ['BF16', float(16, upperHalfTable)],
  ['I32', { bits: 32, read: (buffer) => new Int32Array(buffer) }],
  ['U32', { bits: 32, read: (buffer) => BigInt64Array.from(new Uint32Array(buffer), BigInt) }],
  ['F32', { bits: 32, read: (buffer) => new Float32Array(buffer) }],
  ['C64', { bits: 64, read: (buffer) => new Float32Array(buffer), tail: [2] }],
  ['F64', { bits: 64, read: (buffer) => new Float64Array(buffer) }],
  ['I64', { bits: 64, read: (buffer) => new BigInt64Array(buffer) }],
  ['U64', { bits: 64, read: unsigned64 }],
])

/** How the format's dtype `name` is read. @throws SafetensorsError when there is none of that name. */
export function readingOf(name: string): Reading {
  const reading = readings.get(name)
  if (reading === undefined) {
    throw new SafetensorsError(`dtype ${quote(name)} is not one of ${[...readings.keys()].join(', ')}`)
  }
  return reading
}

/** Our dtypes by their names in the format, in the order of a file's tensors: the largest alignment first. */
export const written: ReadonlyMap<DType, string> = new Map([
  ['int64', 'I64'],
  ['float64', 'F64'],
  ['float32', 'F32'],
  ['int32', 'I32'],
  ['uint8', 'U8'],
])
