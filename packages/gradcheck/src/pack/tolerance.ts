import { type DType, type FloatDType, isFloat, type Tensor, tensor } from '@handgrad/tensor'
import { allowanceOf, largest } from '../allowance.ts'
import { bindCase, equationValues, type GoldenBounds, goldenBounds } from '../check-equations.ts'
import { findWorst } from '../compare.ts'
import type { Tensors } from '../materialize.ts'
import { runCase } from '../run.ts'
import type { ModuleCase, Spec } from '../spec.ts'
import { narrow, type Precision, precisions, SMALLEST, UNIT } from '../ulp.ts'
import { allowed as byOwnError } from '../verify/verify.ts'
import type { Not, PackOutput } from './layout.ts'

/** What is known of a case when its tolerances are computed. */
export interface Known {
  /** Null for a case that only its fixtures know. */
  readonly spec: Spec | null
  readonly item: Spec['cases'][number] | null
  readonly stored: Tensors
  readonly golden: Tensors
}

/** One number a type, or why there is none. */
export type Tolerance = Pick<PackOutput, 'allowed' | 'not'>

type Low = 'float16' | 'bfloat16'

/** A bound of first order in u, where u is 2⁻⁸. */
const LOW_MARGIN = 1.05

// What a program needs that rounds in between, as a multiple of what it needs that rounds its inputs and results alone, by
// PyTorch 1.13's own bfloat16 in every case: with sums in it 1.51 (max-pool's dx, where windows overlap; a loss 1.22, a
// linear layer 1.22, the rest 1 or less); after the steps of an optimizer, which keeps its state rounded, 2.18 (Adam; SGD
// 2.14). What has no sum, and a first step, need no more than 1: a program that drops bits where it should round is found.
const SUMMED = 1.6
const STEPPED = 2.25

/** How often the bound of one element counts; `own` is how many roundings a type without rounded inputs leaves in it. */
function times(kind: Spec['kind'], name: string, own: number): number {
  if (kind === 'optimizer') return name.endsWith('.1') ? 1 : STEPPED
  return own > 0 ? SUMMED : 1
}

// Rounding the inputs changes the answer by more than rounding explains: a tie, or a steep function.
const TIE: Not = 'steep'
// Infinite or NaN values, or values too large for the type.
const WILD: Not = 'wild'
// The tolerance is as large as the largest value, or as what the steps of an optimizer have changed.
const SWALLOWS: Not = 'loose'
// There are no equations to derive it from.
const UNDERIVED: Not = 'underived'

const top = (of: (flat: number) => number, { data }: Tensor): number => {
  let most = 0
  for (let i = 0; i < data.length; i++) most = Math.max(most, of(i))
  return most
}

/** The case's tensors as a program of that type would hold them. */
function narrowed(stored: Tensors, dtype: Precision): Tensors {
  const round = (x: Tensor<DType>): Tensor<DType> =>
    isFloat(x.dtype)
      ? tensor(
          Array.from(x.data as Float64Array, (v) => narrow(v, dtype)),
          x.shape,
          { dtype: 'float64' },
        )
      : x
  return Object.fromEntries(Object.entries(stored).map(([name, x]) => [name, round(x)]))
}

interface Bounding {
  readonly kind: Spec['kind']
  readonly exact: GoldenBounds
  readonly rounded: GoldenBounds
  /** What comes from inputs of that type in float64; null where it cannot be run. */
  readonly run: Readonly<Record<string, Tensor>>
}

/**
 * Inputs and results are rounded to `dtype`, and sums and a state between them are held in float32: the error of each
 * given value carried through the equations, one rounding of the result, and float32's own bound; more where a program may
 * round in between.
 */
function lowTolerance(name: string, truth: Tensor, dtype: Low, of: Bounding): number | Not {
  const [exact, rounded] = [of.exact.get(name), of.rounded.get(name)]
  // The same equations speak of both.
  if (exact === undefined) return UNDERIVED
  const bound = (i: number): number => {
    const [own, all] = [exact.errors[exact.from + i], rounded!.errors[rounded!.from + i]]
    const carried = Math.max(0, all - own) + Math.abs(truth.data[i])
    const once = LOW_MARGIN * (UNIT[dtype] * carried + UNIT.float32 * own)
    return times(of.kind, name, own) * once + 4 * SMALLEST[dtype]
  }
  const limit = top(bound, truth)
  if (!Number.isFinite(limit) || truth.data.some((v) => !Number.isFinite(narrow(v, dtype)))) return WILD
  const apart = findWorst(of.run[name], truth, () => limit, dtype)
  return apart === null ? limit : TIE
}

/** What the equations and a run say of a case whose inputs are rounded to each of the low types. */
function boundings({ spec, item, stored, golden }: Known): {
  exact: GoldenBounds
  low: (dtype: Low) => Bounding
} {
  const bound = bindCase(spec!, item!, equationValues(stored, golden))
  const exact = goldenBounds(bound)
  // Asked for by who wants the small types, and only then.
  const known = new Map<Low, Bounding>()
  const of = (dtype: Low): Bounding => {
    const bounding = known.get(dtype) ?? boundingOf(dtype)
    known.set(dtype, bounding)
    return bounding
  }
  const boundingOf = (dtype: Low): Bounding => ({
    kind: spec!.kind,
    exact,
    rounded: goldenBounds(bound, (v) => Math.abs(narrow(v, dtype) - v) / UNIT[dtype]),
    run: runCase(spec!, item!, narrowed(stored, dtype), 'float64'),
  })
  return { exact, low: of }
}

const isWild = ({ spec, item }: Known): boolean =>
  spec?.kind === 'module' && (item as ModuleCase).noDifferences !== undefined

function measured(known: Known): (name: string, truth: Tensor, dtype: Precision) => number | Not {
  const { spec, item, golden } = known
  const wide = (dtype: Precision): dtype is FloatDType => dtype === 'float64' || dtype === 'float32'
  if (spec === null || item === null)
    return (name, truth, dtype) =>
      wide(dtype) ? byOwnError(truth, golden[`float32/${name}`] as Tensor, dtype) : UNDERIVED
  // A schedule's rates are computed in double by everyone; an answer in another type is one rounding away.
  if (spec.kind === 'schedule') return (_name, truth, dtype) => 4 * UNIT[dtype] * largest(truth)
  const { exact, low } = boundings(known)
  return (name, truth, dtype) => {
    if (!wide(dtype)) return isWild(known) ? WILD : lowTolerance(name, truth, dtype, low(dtype))
    const of = { bounds: exact.get(name), truth }
    return top(allowanceOf(spec, item, of, dtype), truth)
  }
}

/** In three digits, never less. */
function upwards(x: number): number {
  const near = Number(x.toPrecision(3))
  return near >= x ? near : Number((near + 10 ** (Math.floor(Math.log10(x)) - 2)).toPrecision(3))
}

/** Computes what an element of each golden tensor of a case may be away from its float64 value, in each type. */
export function tolerances(
  known: Known,
  wanted: readonly Precision[] = precisions,
): (name: string, truth: Tensor) => Tolerance {
  const measure = measured(known)
  const start = (name: string): Tensor | undefined =>
    known.spec?.kind === 'optimizer'
      ? (known.stored[`param.${name.replace(/\.\d+$/, '')}`] as Tensor)
      : undefined
  return (name, truth) => {
    const allowed: Partial<Record<Precision, number>> = {}
    const not: Partial<Record<Precision, Not>> = {}
    const from = start(name)
    const scale =
      from === undefined ? largest(truth) : top((i) => Math.abs(truth.data[i] - from.data[i]), truth)
    // A parameter that no step has changed is told from the right answer by more than four roundings alone.
    const blind = (dtype: Precision): number => (from === undefined ? 0 : 4 * UNIT[dtype] * largest(truth))
    for (const dtype of wanted) {
      const found = measure(name, truth, dtype)
      if (typeof found === 'string') not[dtype] = found
      else if (scale > 0 && Math.max(found, blind(dtype)) >= scale) not[dtype] = SWALLOWS
      else allowed[dtype] = upwards(found)
    }
    return Object.keys(not).length === 0 ? { allowed } : { allowed, not }
  }
}
