/** The numbers in which an equation is evaluated: plain, with a derivative, or with a bound on their rounding error. */
export interface Algebra<T> {
  /** A number that every precision holds exactly: an index, a condition, an element of an input. */
  exact(value: number): T
  /** A number that may have to be rounded first: a learning rate. */
  constant(value: number): T
  value(a: T): number
  add(a: T, b: T): T
  mul(a: T, b: T): T
  div(a: T, b: T): T
  neg(a: T): T
  /** a to a constant power. */
  pow(a: T, n: number): T
  call(name: string, a: T): T
  /** A sum of many terms, in whatever order. */
  total(terms: readonly T[]): T
}

interface Elementary {
  readonly f: (x: number) => number
  readonly derivative: (x: number) => number
  /** The implementation's own error in roundings. */
  readonly roundings: number
}

/** The elementary functions that equations may use. */
export const elementary: Readonly<Record<string, Elementary>> = {
  exp: { f: Math.exp, derivative: Math.exp, roundings: 2 },
  log: { f: Math.log, derivative: (x) => 1 / x, roundings: 2 },
  sqrt: { f: Math.sqrt, derivative: (x) => 0.5 / Math.sqrt(x), roundings: 1 },
  floor: { f: Math.floor, derivative: () => 0, roundings: 0 },
}

function of(name: string): Elementary {
  const found = elementary[name]
  if (found === undefined) throw new Error(`equations know no function '${name}'`)
  return found
}

/** Plain numbers. */
export const real: Algebra<number> = {
  exact: (value) => value,
  constant: (value) => value,
  value: (a) => a,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  pow: (a, n) => a ** n,
  call: (name, a) => of(name).f(a),
  total(terms) {
    let sum = 0
    for (const term of terms) sum += term
    return sum
  },
}

/** A value and its derivative along one direction: forward-mode differentiation of an equation. */
export interface Dual {
  readonly v: number
  readonly d: number
}

/** {@link Dual} numbers. */
export const dual: Algebra<Dual> = {
  exact: (v) => ({ v, d: 0 }),
  constant: (v) => ({ v, d: 0 }),
  value: ({ v }) => v,
  add: (a, b) => ({ v: a.v + b.v, d: a.d + b.d }),
  mul: (a, b) => ({ v: a.v * b.v, d: a.d * b.v + a.v * b.d }),
  div: (a, b) => ({ v: a.v / b.v, d: (a.d * b.v - a.v * b.d) / (b.v * b.v) }),
  neg: (a) => ({ v: -a.v, d: -a.d }),
  pow: (a, n) => ({ v: a.v ** n, d: n * a.v ** (n - 1) * a.d }),
  call: (name, a) => ({ v: of(name).f(a.v), d: a.d === 0 ? 0 : of(name).derivative(a.v) * a.d }),
  total(terms) {
    let [v, d] = [0, 0]
    for (const term of terms) {
      v += term.v
      d += term.d
    }
    return { v, d }
  },
}

/**
 * A value, the sum of the magnitudes of its terms, and how far a computed value may be from it, in roundings: the
 * error of any order of evaluation is at most `error` · u to first order, u being half the distance from 1 to the
 * next number.
 */
export interface Bounded {
  readonly v: number
  readonly size: number
  readonly error: number
}

const isExactFactor = (a: Bounded): boolean => a.error === 0 && (a.v === 0 || a.v === 1 || a.v === -1)

/**
 * {@link Bounded} numbers: running error analysis.
 *
 * Source: Higham, Accuracy and Stability of Numerical Algorithms, §3.3 and §4.2: m terms in any order cost at most
 * (m−1) · u · Σ|terms|.
 */
export const bounded: Algebra<Bounded> = {
  exact: (v) => ({ v, size: Math.abs(v), error: 0 }),
  constant: (v) => ({ v, size: Math.abs(v), error: Math.fround(v) === v ? 0 : Math.abs(v) }),
  value: ({ v }) => v,
  add: (a, b) => bounded.total([a, b]),
  mul(a, b) {
    const size = a.size * b.size
    const rounding = isExactFactor(a) || isExactFactor(b) ? 0 : size
    return { v: a.v * b.v, size, error: a.error * b.size + b.error * a.size + rounding }
  },
  div(a, b) {
    const size = a.size / Math.abs(b.v)
    const rounding = b.error === 0 && Math.abs(b.v) === 1 ? 0 : size
    return {
      v: a.v / b.v,
      size,
      error: a.error / Math.abs(b.v) + (size * b.error) / Math.abs(b.v) + rounding,
    }
  },
  neg: ({ v, size, error }) => ({ v: -v, size, error }),
  pow(a, n) {
    const v = a.v ** n
    const rounding = n === 0 || isExactFactor(a) ? 0 : 2 * Math.abs(v)
    return { v, size: Math.abs(v), error: Math.abs(n * a.v ** (n - 1)) * a.error + rounding }
  },
  call(name, a) {
    const { f, derivative, roundings } = of(name)
    const v = f(a.v)
    const error = (a.error === 0 ? 0 : Math.abs(derivative(a.v)) * a.error) + roundings * Math.abs(v)
    return { v, size: Math.abs(v), error }
  },
  total(terms) {
    let [v, size, error, count] = [0, 0, 0, 0]
    for (const term of terms) {
      v += term.v
      size += term.size
      error += term.error
      if (term.size !== 0) count++
    }
    return { v, size, error: error + Math.max(0, count - 1) * size }
  },
}
