import type { FloatDType } from '@handgrad/tensor'

const view = new DataView(new ArrayBuffer(8))

/** Half the distance from 1 to the next number: the largest relative error of one rounding. */
export const UNIT: Record<FloatDType, number> = { float32: 2 ** -24, float64: 2 ** -53 }

/** The smallest number above 0. */
export const SMALLEST: Record<FloatDType, number> = { float32: 2 ** -149, float64: 2 ** -1074 }
const FRACTION: Record<FloatDType, number> = { float32: 23, float64: 52 }
const LOWEST: Record<FloatDType, number> = { float32: -126, float64: -1022 }

/** The exponent e of |x| = m · 2^e with 1 ≤ m < 2, for a finite x other than 0. */
function exponent(x: number): number {
  view.setFloat64(0, x)
  const bits = (view.getUint16(0) >>> 4) & 0x7ff
  return bits === 0 ? -1023 : bits - 1023
}

/** One unit in the last place of `x` in `dtype`: the distance to the next larger magnitude. */
export function ulp(x: number, dtype: FloatDType): number {
  if (x === 0) return SMALLEST[dtype]
  if (!Number.isFinite(x)) return Number.NaN
  return Math.max(2 ** (Math.max(exponent(x), LOWEST[dtype]) - FRACTION[dtype]), SMALLEST[dtype])
}
