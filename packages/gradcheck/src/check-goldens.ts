import type { FloatDType, Tensor } from '@handgrad/tensor'
import type { GoldenBounds } from './check-equations.ts'
import { findWorst, formatWorst, maxError } from './compare.ts'
import type { Bounds } from './equations/bounds.ts'
import { histogramOf } from './histogram.ts'
import type { Tensors } from './materialize.ts'
import type { Measure, Problem } from './result.ts'
import { runCase } from './run.ts'
import type { ModuleCase, Spec } from './spec.ts'
import { SMALLEST, UNIT, ulp } from './ulp.ts'
import { vacuity } from './vacuity.ts'

/** A bound of first order in u, and a margin for the rest. */
const MARGIN = 1.01

/** Our float32 error may be this many times torch's. */
const WORST_RATIO = 4

function largest(x: Tensor): number {
  let scale = 0
  for (const value of x.data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value))
  return scale
}

/** How far each element may be from torch's float64, which has roundings of its own; nothing where none happen. */
type Allowance = (flat: number) => number

function allowanceOf(
  spec: Spec,
  item: Spec['cases'][number],
  { bounds, truth }: Comparison,
  dtype: FloatDType,
): Allowance {
  const scale = largest(truth)
  // Without a derivation (a schedule) everything is computed in double on both sides.
  if (bounds === undefined) return () => 4 * UNIT.float64 * scale
  // The equations say nothing of infinities and NaN; what is finite beside them is held to a multiple of the largest.
  const wild =
    spec.kind === 'module' && (item as ModuleCase).noDifferences !== undefined ? 16 * UNIT[dtype] * scale : 0
  return (flat) => {
    const roundings = bounds.errors[bounds.from + flat]
    const own = roundings > 0 ? MARGIN * (UNIT[dtype] + UNIT.float64) * roundings + 4 * SMALLEST[dtype] : 0
    return Math.max(own, wild)
  }
}

/** What is compared for one golden tensor. */
interface Comparison {
  readonly name: string
  readonly truth: Tensor
  readonly torch: Tensor
  readonly bounds: (Bounds & { from: number }) | undefined
}

function measure({ name, torch, truth, bounds }: Comparison, ours: Tensor): Measure {
  const floor = UNIT.float32 * (bounds?.size ?? largest(truth))
  const [our, their] = [maxError(ours.data, truth.data), maxError(torch.data, truth.data)]
  const ratio = Math.max(our, floor) / Math.max(their, floor)
  const unit = ulp(Math.fround(largest(truth)), 'float32')
  return {
    tensor: name,
    ours: our,
    torch: their,
    floor,
    ratio: Number.isNaN(ratio) ? 1 : ratio,
    ulps: our / unit,
    torchUlps: their / unit,
    histograms: {
      ours: histogramOf(ours.data, truth.data),
      torch: histogramOf(torch.data, truth.data),
    },
  }
}

function compare(
  { name, truth }: Comparison,
  got: Tensor | undefined,
  allowed: Allowance,
  dtype: FloatDType,
): Problem[] {
  if (got === undefined)
    return [{ view: 'golden', message: `${dtype} ${name}: torch has it, the run gave none` }]
  const worst = findWorst(got, truth, allowed, dtype)
  return worst === null ? [] : [{ view: 'golden', message: `${dtype} ${name} ${formatWorst(worst)}` }]
}

/** Compares a run in float32 and one in float64 with torch's float64, each within what its roundings allow. */
export function checkGoldens(
  spec: Spec,
  item: Spec['cases'][number],
  stored: Tensors,
  golden: Tensors,
  bounds: GoldenBounds,
  measures: Measure[],
): Problem[] {
  const ours = {
    float32: runCase(spec, item, stored, 'float32'),
    float64: runCase(spec, item, stored, 'float64'),
  }
  const names = Object.keys(golden)
    .filter((key) => key.startsWith('float64/'))
    .map((key) => key.slice('float64/'.length))
  if (names.length === 0) return [{ view: 'vacuity', message: 'the case has no golden tensor' }]
  const problems: Problem[] = []
  for (const name of names) {
    const [truth, torch] = [golden[`float64/${name}`], golden[`float32/${name}`]] as [Tensor, Tensor]
    const comparison = { name, truth, torch, bounds: bounds.get(name) }
    const allowed = allowanceOf(spec, item, comparison, 'float32')
    problems.push(
      ...compare(comparison, ours.float32[name], allowed, 'float32'),
      ...compare(comparison, ours.float64[name], allowanceOf(spec, item, comparison, 'float64'), 'float64'),
    )
    if (ours.float32[name] !== undefined) {
      const measured = measure(comparison, ours.float32[name])
      measures.push(measured)
      if (measured.ratio > WORST_RATIO) {
        const times = measured.ratio.toFixed(1)
        problems.push({
          view: 'golden',
          message: `float32 ${name} is ${times} times as far from the truth as torch's`,
        })
      }
    }
    if (spec.kind === 'module' && !name.startsWith('d')) continue
    const empty = vacuity(name, truth, allowed, item.expect)
    if (empty !== null) problems.push({ view: 'vacuity', message: empty })
  }
  return problems
}
