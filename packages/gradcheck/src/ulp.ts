/** The floating-point types that values are judged in, the widest first. */
export const precisions = ['float64', 'float32', 'float16', 'bfloat16'] as const

/** One of {@link precisions}. */
export type Precision = (typeof precisions)[number]

const view = new DataView(new ArrayBuffer(8))

/** Half the distance from 1 to the next number: the largest relative error of one rounding. */
export const UNIT: Record<Precision, number> = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
}

/** The smallest number above 0. */
export const SMALLEST: Record<Precision, number> = {
  float64: 2 ** -1074,
  float32: 2 ** -149,
  float16: 2 ** -24,
  bfloat16: 2 ** -133,
}
const FRACTION: Record<Precision, number> = { float64: 52, float32: 23, float16: 10, bfloat16: 7 }
const LOWEST: Record<Precision, number> = { float64: -1022, float32: -126, float16: -14, bfloat16: -126 }
const LARGEST: Record<Precision, number> = {
  float64: Number.MAX_VALUE,
  float32: (2 - 2 ** -23) * 2 ** 127,
  float16: 65504,
  bfloat16: (2 - 2 ** -7) * 2 ** 127,
}

/** The exponent e of |x| = m · 2^e with 1 ≤ m < 2, for a finite x other than 0. */
function exponent(x: number): number {
  view.setFloat64(0, x)
  const bits = (view.getUint16(0) >>> 4) & 0x7ff
  return bits === 0 ? -1023 : bits - 1023
}

/** One unit in the last place of `x` in `dtype`: the distance to the next larger magnitude. */
export function ulp(x: number, dtype: Precision): number {
  if (x === 0) return SMALLEST[dtype]
  if (!Number.isFinite(x)) return Number.NaN
  return Math.max(2 ** (Math.max(exponent(x), LOWEST[dtype]) - FRACTION[dtype]), SMALLEST[dtype])
}

/** `x` in `dtype`: the nearest number that it has, of two the one with an even last bit; beyond all of them infinity. */
export function narrow(x: number, dtype: Precision): number {
  if (dtype === 'float64' || x === 0 || !Number.isFinite(x)) return x
  if (dtype === 'float32') return Math.fround(x)
  const step = ulp(x, dtype)
  const parts = Math.abs(x) / step
  const below = Math.floor(parts)
  const up = parts - below > 0.5 || (parts - below === 0.5 && below % 2 === 1)
  const size = (up ? below + 1 : below) * step
  return Math.sign(x) * (size > LARGEST[dtype] ? Number.POSITIVE_INFINITY : size)
}
