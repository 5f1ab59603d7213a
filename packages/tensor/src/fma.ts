const scratch = new Float64Array(1)
const words = new Uint32Array(scratch.buffer)

/** A number and what rounding took from it. */
type Exact = readonly [rounded: number, error: number]

/** a + b and its rounding error. Source: D. E. Knuth, "The Art of Computer Programming" 2, §4.2.2, theorem B. */
function twoSum(a: number, b: number): Exact {
  const sum = a + b
  const bRounded = sum - a
  return [sum, a - (sum - bRounded) + (b - bRounded)]
}

/** The upper 26 bits of a double. Source: T. J. Dekker, Numerische Mathematik 18 (1971). */
function upperHalf(a: number): number {
  const scaled = 134_217_729 * a
  return scaled - (scaled - a)
}

/** a · b and its rounding error, as long as neither overflows nor underflows. Source: Dekker, as above. */
function twoProduct(a: number, b: number): Exact {
  const product = a * b
  const aHigh = upperHalf(a)
  const bHigh = upperHalf(b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)]
}

/**
 * a + b, of the two nearest doubles the one with an odd last bit unless it is exact: what is rounded once more then,
 * to fewer bits or in a further sum, comes out as if it had been rounded once.
 */
export function addToOdd(a: number, b: number): number {
  const [sum, error] = twoSum(a, b)
  if (error === 0) return sum
  scratch[0] = sum
  if (words[0] & 1) return sum
  // Little-endian: words[0] is the low word, and even, so that one step up is its last bit and one down may borrow.
  // mutant: comparison `>` → `>=` is equivalent because neither is 0: an error of 0 has gone, and no other sum is 0
  if (sum > 0 === error > 0) words[0] |= 1
  else if (words[0]-- === 0) words[1]--
  return scratch[0]
}

/**
 * a · b + c with one rounding, in double: what the processors that torch is built for do.
 *
 * Source: S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding
 * to odd", IEEE Transactions on Computers 57 (2008), figure 3.
 */
export function fma(a: number, b: number, c: number): number {
  const [product, error] = twoProduct(a, b)
  const [low, lowest] = twoSum(c, error)
  const [high, middle] = twoSum(product, low)
  // mutant: swapped arguments `middle, lowest` → `lowest, middle` is equivalent because a sum has no order
  return high + addToOdd(middle, lowest)
}
