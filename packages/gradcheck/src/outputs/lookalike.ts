import type { DType, Tensor } from '@handgrad/tensor'
import { largest } from '../allowance.ts'
import { distance } from '../compare.ts'
import { narrow, type Precision, UNIT } from '../ulp.ts'

/** Values that anybody could have written down without computing, in the order in which they lie in a file. */
export interface Candidate {
  /** What it is, after "is": `all zero`, `a copy of x`. */
  readonly called: string
  readonly values: ArrayLike<number>
}

/** What an answer is compared with. */
export interface Suspect {
  readonly got: Tensor
  readonly dtype: Precision
  readonly golden: Tensor
  /** What an element may be away from its golden value; null where that is not stated. */
  readonly allowed: number | null
  /** Whether the comparison has found it wrong already. */
  readonly wrong: boolean
}

/** Axes in every order but their own. */
export function permutations(rank: number): number[][] {
  const all = (left: readonly number[]): number[][] =>
    left.length === 0
      ? [[]]
      : left.flatMap((axis) => all(left.filter((other) => other !== axis)).map((rest) => [axis, ...rest]))
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return all(axes).filter((order) => order.some((axis, at) => axis !== at))
}

/** The elements of `x` with its axes in another order, as a file would hold them. */
export function permuted({ data, shape }: Tensor<DType>, order: readonly number[]): Float64Array {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  )
  const extents = order.map((axis) => shape[axis])
  const steps = order.map((axis) => strides[axis])
  const index = order.map(() => 0)
  return Float64Array.from({ length: data.length }, () => {
    const at = index.reduce((sum, i, axis) => sum + i * steps[axis], 0)
    for (let axis = extents.length - 1; axis >= 0 && ++index[axis] === extents[axis]; axis--) index[axis] = 0
    return Number(data[at])
  })
}

/** More axes than this are not turned: five have 119 other orders. */
const TURNED = 5

const ZERO = 'all zero'

/** What an answer may be instead of computed: zeros, one number, its inputs, its golden value turned. */
export function* candidates(
  { got, golden }: Pick<Suspect, 'got' | 'golden'>,
  inputs: Readonly<Record<string, Tensor<DType>>>,
): Generator<Candidate> {
  const count = golden.data.length
  yield { called: ZERO, values: new Float64Array(count) }
  if (count > 1 && Number.isFinite(got.data[0]))
    yield { called: `${got.data[0]} everywhere`, values: new Float64Array(count).fill(got.data[0]) }
  for (const [name, { data }] of Object.entries(inputs)) {
    if (data.length === count) yield { called: `a copy of ${name}`, values: Float64Array.from(data, Number) }
  }
  if (golden.shape.length > TURNED) return
  for (const order of permutations(golden.shape.length))
    yield {
      called: `the right answer with its axes in the order ${order.join(', ')}`,
      values: permuted(golden, order),
    }
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let worst = 0
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, distance(a[i], b[i]))
  return worst
}

/** Whether a candidate is another answer than the golden one, by more than four roundings of the largest value. */
function isAnother(values: ArrayLike<number>, { golden, dtype }: Suspect): boolean {
  const rounded = Float64Array.from(values, (value) => narrow(value, dtype))
  const right = Float64Array.from(golden.data, (value) => narrow(value, dtype))
  return furthest(rounded, right) > 4 * UNIT[dtype] * largest(golden)
}

/** Whether the answer is the candidate: in every bit of its type, or, where it is wrong anyway, as near as is allowed. */
function isThe({ values }: Candidate, { got, dtype, allowed, wrong }: Suspect): boolean {
  const near = wrong ? (allowed ?? 0) : 0
  for (let i = 0; i < got.data.length; i++) {
    const value = narrow(values[i], dtype)
    if (distance(got.data[i], value) > near) return false
  }
  return true
}

/** Fewer elements than these agree by chance in a type of few bits; zeros are looked for in any number of them. */
const FEW = 4

/** What the answer is instead of computed, or null; never what the golden value is itself. */
export function lookalike(suspect: Suspect, of: Iterable<Candidate>): string | null {
  const count = suspect.golden.data.length
  if (suspect.got.data.length !== count) return null
  for (const candidate of of) {
    if (candidate.values.length !== count) continue
    if (!suspect.wrong && count < FEW && candidate.called !== ZERO) continue
    if (isThe(candidate, suspect) && isAnother(candidate.values, suspect)) return candidate.called
  }
  return null
}
